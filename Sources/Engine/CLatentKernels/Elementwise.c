#include "ElementwiseKernels.h"

latent_kernel latent_kernel_for(latent_opcode op, unsigned scalar_mask) {
  latent_kernel kernel = latent_unary_kernel(op, scalar_mask);
  if (!kernel) kernel = latent_binary_kernel(op, scalar_mask);
  if (!kernel) kernel = latent_ternary_kernel(op, scalar_mask);
  return kernel;
}

int latent_opcode_operand_count(latent_opcode op) {
  if (latent_unary_kernel(op, 0)) return 1;
  if (latent_binary_kernel(op, 0)) return 2;
  return latent_ternary_kernel(op, 0) ? 3 : 0;
}

LATENT_CLONES void latent_load_u8(size_t n, const uint8_t *source, int32_t *mask) {
  LATENT_LANE_LOOP
  for (size_t i = 0; i < n; i++) mask[i] = source[i] != 0;
}

LATENT_CLONES void latent_store_u8(size_t n, const int32_t *mask, uint8_t *destination) {
  LATENT_LANE_LOOP
  for (size_t i = 0; i < n; i++) destination[i] = mask[i] != 0;
}

LATENT_CLONES void latent_load_bf16(size_t n, const uint16_t *source, float *result) {
  LATENT_LANE_LOOP
  for (size_t i = 0; i < n; i++) result[i] = latent_from_bits((int32_t)((uint32_t)source[i] << 16));
}

LATENT_CLONES void latent_store_bf16(size_t n, const float *x, uint16_t *destination) {
  LATENT_LANE_LOOP
  for (size_t i = 0; i < n; i++) destination[i] = (uint16_t)((uint32_t)latent_round_to_bf16_bits(x[i]) >> 16);
}

// Addresses are computed as integers of lanes from the first, so that no pointer is formed past the last lane touched.

LATENT_CLONES void latent_fill32(size_t n, const void *lane, void *destination) {
  if (n == 0) return;
  const int32_t value = *(const int32_t *)lane;
  int32_t *to = destination;
  for (size_t i = 0; i < n; i++) to[i] = value;
}

// Rows of neighbours and repetitions of one lane are what broadcasts consist of.
LATENT_CLONES void latent_load_strided32(
    size_t n, const void *source, ptrdiff_t stride_in_lanes, void *destination) {
  if (stride_in_lanes == 1) {
    memcpy(destination, source, n * sizeof(int32_t));
    return;
  }
  if (stride_in_lanes == 0) {
    latent_fill32(n, source, destination);
    return;
  }
  const int32_t *from = source;
  int32_t *to = destination;
  LATENT_LANE_LOOP
  for (size_t i = 0; i < n; i++) to[i] = from[(ptrdiff_t)i * stride_in_lanes];
}

LATENT_CLONES void latent_store_strided32(
    size_t n, const void *source, ptrdiff_t stride_in_lanes, void *destination) {
  const int32_t *from = source;
  int32_t *to = destination;
  for (size_t i = 0; i < n; i++) to[(ptrdiff_t)i * stride_in_lanes] = from[i];
}
