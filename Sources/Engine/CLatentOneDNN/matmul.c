#include <stdlib.h>

#include "dnn.h"

struct latent_matmul {
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c;
  dnnl_memory_t bias;  // NULL without one
  latent_scratch scratch;
};

static int matrix_desc(
    latent_desc *desc, latent_dnn_type type, int64_t batch, int64_t rows, int64_t columns, int transpose) {
  int64_t sizes[3] = {batch, rows, columns};
  int64_t strides[3] = {rows * columns, transpose ? 1 : columns, transpose ? rows : 1};
  int skip = batch == 1;  // two-dimensional products have more and faster implementations
  return latent_desc_with_strides(desc, 3 - skip, sizes + skip, latent_dnn_data_type(type), strides + skip);
}

// `bias` is NULL for none.
static int matmul_primitive(
    latent_matmul *matmul, latent_desc *a, latent_desc *b, latent_desc *bias, latent_desc *c,
    dnnl_primitive_attr_t attributes) {
  dnnl_primitive_desc_t desc = NULL;
#if DNNL_VERSION_MAJOR >= 3
  int status = dnnl_matmul_primitive_desc_create(
      &desc, latent_dnn_engine(), *a, *b, bias ? *bias : NULL, *c, attributes);
#else
  dnnl_matmul_desc_t operation;
  int status = dnnl_matmul_desc_init(&operation, a, b, bias, c);
  if (!status) status = dnnl_primitive_desc_create(&desc, &operation, attributes, latent_dnn_engine(), NULL);
#endif
  if (!status) status = dnnl_primitive_create(&matmul->primitive, desc);
  if (!status) status = latent_scratch_create(&matmul->scratch, desc);
  if (desc) dnnl_primitive_desc_destroy(desc);
  return status;
}

int latent_matmul_create(
    latent_matmul **result, latent_dnn_type type, latent_dnn_type result_type, int64_t batch, int64_t m, int64_t n, int64_t k, int transpose_a,
    int transpose_b, latent_dnn_epilogue epilogue) {
  latent_matmul *matmul = calloc(1, sizeof *matmul);
  if (!matmul) return dnnl_out_of_memory;
  latent_desc a = {0}, b = {0}, c = {0}, bias = {0};
  dnnl_primitive_attr_t attributes = NULL;
  int status = matrix_desc(&a, type, batch, m, k, transpose_a);
  if (!status) status = matrix_desc(&b, type, batch, k, n, transpose_b);
  if (!status) status = matrix_desc(&c, result_type, batch, m, n, 0);
  if (!status && epilogue.has_bias) status = matrix_desc(&bias, LATENT_DNN_F32, 1, 1, n, 0);
  if (!status) status = latent_dnn_attributes(&attributes, epilogue.activation);
  if (!status) {
    status = matmul_primitive(matmul, &a, &b, epilogue.has_bias ? &bias : NULL, &c, attributes);
  }
  if (!status && epilogue.has_bias) status = latent_memory_create(&matmul->bias, LATENT_DESC_POINTER(bias), 0);
  if (!status) status = latent_memory_create(&matmul->a, LATENT_DESC_POINTER(a), 0);
  if (!status) status = latent_memory_create(&matmul->b, LATENT_DESC_POINTER(b), 0);
  if (!status) status = latent_memory_create(&matmul->c, LATENT_DESC_POINTER(c), 0);
  latent_desc_destroy(&a);
  latent_desc_destroy(&b);
  latent_desc_destroy(&c);
  latent_desc_destroy(&bias);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (status) {
    latent_matmul_destroy(matmul);
    return status;
  }
  *result = matmul;
  return 0;
}

int latent_matmul_run(latent_matmul *matmul, const void *a, const void *b, const void *bias, void *c) {
  if (matmul->bias) dnnl_memory_set_data_handle(matmul->bias, (void *)bias);
  dnnl_memory_set_data_handle(matmul->a, (void *)a);
  dnnl_memory_set_data_handle(matmul->b, (void *)b);
  dnnl_memory_set_data_handle(matmul->c, c);
  dnnl_exec_arg_t arguments[5] = {
      {DNNL_ARG_SRC, matmul->a}, {DNNL_ARG_WEIGHTS, matmul->b}, {DNNL_ARG_DST, matmul->c},
      {DNNL_ARG_BIAS, matmul->bias}};
  return latent_dnn_execute(matmul->primitive, matmul->bias ? 4 : 3, arguments, &matmul->scratch);
}

size_t latent_matmul_scratch_size(const latent_matmul *matmul) { return matmul->scratch.size; }
void latent_matmul_lend_scratch(latent_matmul *matmul, void *memory) { latent_scratch_lend(&matmul->scratch, memory); }

void latent_matmul_destroy(latent_matmul *matmul) {
  if (!matmul) return;
  if (matmul->primitive) dnnl_primitive_destroy(matmul->primitive);
  if (matmul->a) dnnl_memory_destroy(matmul->a);
  if (matmul->b) dnnl_memory_destroy(matmul->b);
  if (matmul->c) dnnl_memory_destroy(matmul->c);
  if (matmul->bias) dnnl_memory_destroy(matmul->bias);
  latent_scratch_destroy(&matmul->scratch);
  free(matmul);
}
