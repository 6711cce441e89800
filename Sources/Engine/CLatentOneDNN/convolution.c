#include <stdlib.h>

#include "dnn.h"

// Activations stay in their dense layout [N, H, W, C]. With AVX-512 oneDNN's kernels take it as it is, at the speed of its
// own blocked layouts; with AVX2 they are up to twice as fast on blocked ones (klae32's: 128 GFLOP/s against 59 to 94), so
// that activations are copied there and back where the product is large enough to pay for it. Kernels, which are small, are
// always reordered into the layout that the primitive wants.
struct latent_convolution {
  latent_convolution_direction direction;
  dnnl_primitive_t primitive;
  latent_operand input, output, kernel;
  dnnl_memory_t bias;  // NULL without one
  latent_scratch scratch;
};

// Below so many multiplications for each output element, the copies cost more than they save.
static const int64_t least_blocked_work = 512;

static int prefers_blocked(latent_dnn_type type, const latent_convolution_shape *s) {
  int64_t taps = s->kernel_size[0] * s->kernel_size[1];
  int64_t narrow = s->in_channels < s->out_channels ? s->in_channels : s->out_channels;
  return type == LATENT_DNN_F32 && s->groups == 1 && s->in_channels % 8 == 0 && s->out_channels % 8 == 0 &&
         taps * narrow >= least_blocked_work && latent_dnn_is_avx2();
}

static int any_activation_desc(
    latent_desc *desc, latent_dnn_type type, int64_t batch, int64_t channels, const int64_t size[2]) {
  int64_t sizes[4] = {batch, channels, size[0], size[1]};
  return latent_desc_with_any_layout(desc, 4, sizes, latent_dnn_data_type(type));
}

static int activation_desc(
    latent_desc *desc, latent_dnn_type type, int64_t batch, int64_t channels, const int64_t size[2]) {
  int64_t sizes[4] = {batch, channels, size[0], size[1]};
  int64_t strides[4] = {size[0] * size[1] * channels, 1, size[1] * channels, channels};
  return latent_desc_with_strides(desc, 4, sizes, latent_dnn_data_type(type), strides);
}

// oneDNN counts kernel dimensions as [groups, out / groups, in / groups, h, w], without groups when there is one.
static int kernel_desc(latent_desc *desc, latent_dnn_type type, const latent_convolution_shape *s, int is_packed) {
  int64_t in = s->in_channels / s->groups, out = s->out_channels / s->groups;
  int64_t sizes[5] = {s->groups, out, in, s->kernel_size[0], s->kernel_size[1]};
  int64_t strides[5] = {
      out, 1, s->out_channels, s->kernel_size[1] * in * s->out_channels, in * s->out_channels};
  int skip = s->groups == 1;
  if (is_packed) return latent_desc_with_any_layout(desc, 5 - skip, sizes + skip, latent_dnn_data_type(type));
  return latent_desc_with_strides(desc, 5 - skip, sizes + skip, latent_dnn_data_type(type), strides + skip);
}

#if DNNL_VERSION_MAJOR >= 3
static int primitive_desc(
    dnnl_primitive_desc_t *result, latent_convolution_direction direction, const latent_convolution_shape *s,
    latent_desc *in, latent_desc *kernel, latent_desc *bias, latent_desc *out, dnnl_primitive_desc_t hint,
    dnnl_primitive_attr_t attributes) {
  int64_t dilations[2] = {s->dilations[0] - 1, s->dilations[1] - 1};
  dnnl_engine_t engine = latent_dnn_engine();
  switch (direction) {
    case LATENT_CONVOLUTION_FORWARD:
      return dnnl_convolution_forward_primitive_desc_create(
          result, engine, dnnl_forward_training, dnnl_convolution_direct, *in, *kernel,
          bias ? *bias : NULL, *out, s->strides, dilations, s->padding_low, s->padding_high, attributes);
    case LATENT_CONVOLUTION_INPUT_GRADIENT:
      return dnnl_convolution_backward_data_primitive_desc_create(
          result, engine, dnnl_convolution_direct, *in, *kernel, *out, s->strides, dilations, s->padding_low,
          s->padding_high, hint, attributes);
    case LATENT_CONVOLUTION_KERNEL_GRADIENT:
      return dnnl_convolution_backward_weights_primitive_desc_create(
          result, engine, dnnl_convolution_direct, *in, *kernel, NULL, *out, s->strides, dilations, s->padding_low,
          s->padding_high, hint, attributes);
  }
  return dnnl_invalid_arguments;
}
#else
static int primitive_desc(
    dnnl_primitive_desc_t *result, latent_convolution_direction direction, const latent_convolution_shape *s,
    latent_desc *in, latent_desc *kernel, latent_desc *bias, latent_desc *out, dnnl_primitive_desc_t hint,
    dnnl_primitive_attr_t attributes) {
  int64_t dilations[2] = {s->dilations[0] - 1, s->dilations[1] - 1};
  dnnl_convolution_desc_t operation;
  int status = dnnl_invalid_arguments;
  switch (direction) {
    case LATENT_CONVOLUTION_FORWARD:
      status = dnnl_dilated_convolution_forward_desc_init(
          &operation, dnnl_forward_training, dnnl_convolution_direct, in, kernel, bias, out, s->strides, dilations,
          s->padding_low, s->padding_high);
      break;
    case LATENT_CONVOLUTION_INPUT_GRADIENT:
      status = dnnl_dilated_convolution_backward_data_desc_init(
          &operation, dnnl_convolution_direct, in, kernel, out, s->strides, dilations, s->padding_low,
          s->padding_high);
      break;
    case LATENT_CONVOLUTION_KERNEL_GRADIENT:
      status = dnnl_dilated_convolution_backward_weights_desc_init(
          &operation, dnnl_convolution_direct, in, kernel, NULL, out, s->strides, dilations, s->padding_low,
          s->padding_high);
      break;
  }
  if (status) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, latent_dnn_engine(), hint);
}
#endif

// The primitive's own description: for a backward one also that of a forward one of the same geometry, which it asks for.
static int chosen_desc(
    dnnl_primitive_desc_t *result, latent_dnn_type types[3], const latent_convolution_shape *s,
    latent_convolution_direction direction, latent_dnn_type operand_type, latent_dnn_epilogue epilogue, latent_desc *bias) {
  latent_desc in = {0}, out = {0}, kernel = {0}, hint_in = {0}, hint_out = {0}, hint_kernel = {0};
  dnnl_primitive_desc_t forward = NULL;
  dnnl_primitive_attr_t attributes = NULL;
  int (*describe)(latent_desc *, latent_dnn_type, int64_t, int64_t, const int64_t *) =
      prefers_blocked(operand_type, s) ? any_activation_desc : activation_desc;
  int is_forward = direction == LATENT_CONVOLUTION_FORWARD;
  int status = describe(&in, types[0], s->batch, s->in_channels, s->in_size);
  if (!status) status = describe(&out, types[1], s->batch, s->out_channels, s->out_size);
  if (!status) status = kernel_desc(&kernel, types[2], s, 1);
  if (!status) status = describe(&hint_in, operand_type, s->batch, s->in_channels, s->in_size);
  if (!status) status = describe(&hint_out, operand_type, s->batch, s->out_channels, s->out_size);
  if (!status) status = kernel_desc(&hint_kernel, operand_type, s, 1);
  if (!status) status = latent_dnn_attributes(&attributes, epilogue.activation);
  if (!status) {
    status = primitive_desc(
        &forward, LATENT_CONVOLUTION_FORWARD, s, &hint_in, &hint_kernel, epilogue.has_bias ? bias : NULL,
        is_forward ? &out : &hint_out, NULL, attributes);
  }
  if (is_forward) {
    *result = forward;
  } else {
    if (!status) status = primitive_desc(result, direction, s, &in, &kernel, NULL, &out, forward, attributes);
    if (forward) dnnl_primitive_desc_destroy(forward);
  }
  latent_desc_destroy(&in);
  latent_desc_destroy(&out);
  latent_desc_destroy(&kernel);
  latent_desc_destroy(&hint_in);
  latent_desc_destroy(&hint_out);
  latent_desc_destroy(&hint_kernel);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return status;
}

int latent_convolution_create(
    latent_convolution **result, latent_dnn_type type, latent_dnn_type result_type,
    latent_convolution_direction direction, const latent_convolution_shape *s, latent_dnn_epilogue epilogue) {
  latent_convolution *c = calloc(1, sizeof *c);
  if (!c) return dnnl_out_of_memory;
  c->direction = direction;
  int is_input = direction == LATENT_CONVOLUTION_INPUT_GRADIENT, is_output = direction == LATENT_CONVOLUTION_FORWARD,
      is_kernel = direction == LATENT_CONVOLUTION_KERNEL_GRADIENT;
  latent_dnn_type types[3] = {
      is_input ? result_type : type, is_output ? result_type : type, is_kernel ? result_type : type};
  latent_desc in = {0}, out = {0}, kernel = {0}, bias = {0};
  dnnl_primitive_desc_t desc = NULL;
  int64_t channels[1] = {s->out_channels}, stride[1] = {1};
  int status = activation_desc(&in, types[0], s->batch, s->in_channels, s->in_size);
  if (!status) status = activation_desc(&out, types[1], s->batch, s->out_channels, s->out_size);
  if (!status) status = kernel_desc(&kernel, types[2], s, 0);
  if (!status && epilogue.has_bias) status = latent_desc_with_strides(&bias, 1, channels, dnnl_f32, stride);
  if (!status) status = chosen_desc(&desc, types, s, direction, type, epilogue, &bias);
  if (!status) status = dnnl_primitive_create(&c->primitive, desc);
  if (!status) status = latent_scratch_create(&c->scratch, desc);
  if (!status) {
    latent_desc_view packed_in =
        dnnl_primitive_desc_query_md(desc, is_input ? dnnl_query_diff_src_md : dnnl_query_src_md, 0);
    latent_desc_view packed_out =
        dnnl_primitive_desc_query_md(desc, is_output ? dnnl_query_dst_md : dnnl_query_diff_dst_md, 0);
    latent_desc_view packed_kernel =
        dnnl_primitive_desc_query_md(desc, is_kernel ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
    status = latent_operand_create(&c->input, LATENT_DESC_POINTER(in), packed_in, is_input);
    if (!status) status = latent_operand_create(&c->output, LATENT_DESC_POINTER(out), packed_out, is_output);
    if (!status) status = latent_operand_create(&c->kernel, LATENT_DESC_POINTER(kernel), packed_kernel, is_kernel);
  }
  if (!status && epilogue.has_bias) status = latent_memory_create(&c->bias, LATENT_DESC_POINTER(bias), 0);
  if (desc) dnnl_primitive_desc_destroy(desc);
  latent_desc_destroy(&in);
  latent_desc_destroy(&out);
  latent_desc_destroy(&kernel);
  latent_desc_destroy(&bias);
  if (status) {
    latent_convolution_destroy(c);
    return status;
  }
  *result = c;
  return 0;
}

int latent_convolution_run(
    latent_convolution *c, const void *first, const void *second, const void *bias, void *result) {
  if (c->bias) dnnl_memory_set_data_handle(c->bias, (void *)bias);
  // Which of the three are read, first and second, and which is written, by direction.
  latent_operand *roles[3][3] = {
      {&c->input, &c->kernel, &c->output}, {&c->output, &c->kernel, &c->input}, {&c->input, &c->output, &c->kernel}};
  static const int names[3][3] = {
      {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
      {DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC},
      {DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS}};
  latent_operand **role = roles[c->direction];
  const int *name = names[c->direction];
  int status = latent_operand_read(role[0], first);
  if (!status) status = latent_operand_read(role[1], second);
  if (status) return status;
  latent_operand_write_to(role[2], result);
  dnnl_exec_arg_t arguments[5] = {
      {name[0], latent_operand_memory(role[0])},
      {name[1], latent_operand_memory(role[1])},
      {name[2], latent_operand_memory(role[2])},
      {DNNL_ARG_BIAS, c->bias}};
  status = latent_dnn_execute(c->primitive, c->bias ? 4 : 3, arguments, &c->scratch);
  return status ? status : latent_operand_finish(role[2]);
}

static size_t primitive_scratch(const latent_convolution *c) { return (c->scratch.size + 63) / 64 * 64; }

size_t latent_convolution_scratch_size(const latent_convolution *c) {
  return primitive_scratch(c) + latent_operand_scratch_size(&c->input) + latent_operand_scratch_size(&c->output) +
         latent_operand_scratch_size(&c->kernel);
}

void latent_convolution_lend_scratch(latent_convolution *c, void *memory) {
  latent_scratch_lend(&c->scratch, memory);
  memory = latent_operand_lend_scratch(&c->input, (char *)memory + primitive_scratch(c));
  memory = latent_operand_lend_scratch(&c->output, memory);
  latent_operand_lend_scratch(&c->kernel, memory);
}

void latent_convolution_destroy(latent_convolution *c) {
  if (!c) return;
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  if (c->bias) dnnl_memory_destroy(c->bias);
  latent_operand_destroy(&c->input);
  latent_operand_destroy(&c->output);
  latent_operand_destroy(&c->kernel);
  latent_scratch_destroy(&c->scratch);
  free(c);
}
