#include <stdlib.h>

#include "dnn.h"

// Activations stay in their dense layout [N, H, W, C], which oneDNN's kernels take as it is and at the speed of its own
// blocked layouts; only kernels, which are small, are reordered into the layout that the primitive wants.
struct latent_convolution {
  latent_convolution_direction direction;
  dnnl_primitive_t primitive;
  dnnl_memory_t input, output;
  dnnl_memory_t kernel;         // in our layout, over the caller's memory
  dnnl_memory_t packed_kernel;  // in the primitive's layout, over its own
  dnnl_memory_t bias;           // NULL without one
  dnnl_primitive_t reorder;     // from kernel to packed, or back for a kernel gradient; NULL when they are the same
  latent_scratch scratch, reorder_scratch;
};

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

static int make_reorder(latent_convolution *c, latent_desc_view ours, latent_desc_view packed) {
  int is_gradient = c->direction == LATENT_CONVOLUTION_KERNEL_GRADIENT;
  latent_desc_view from = is_gradient ? packed : ours;
  latent_desc_view to = is_gradient ? ours : packed;
  dnnl_engine_t engine = latent_dnn_engine();
  dnnl_primitive_desc_t desc = NULL;
  dnnl_primitive_attr_t attributes = NULL;
  int status = latent_dnn_attributes(&attributes, LATENT_DNN_IDENTITY);
  if (!status) status = dnnl_reorder_primitive_desc_create(&desc, from, engine, to, engine, attributes);
  if (!status) status = dnnl_primitive_create(&c->reorder, desc);
  if (!status) status = latent_scratch_create(&c->reorder_scratch, desc);
  if (desc) dnnl_primitive_desc_destroy(desc);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return status;
}

int latent_convolution_create(
    latent_convolution **result, latent_dnn_type type, latent_dnn_type result_type,
    latent_convolution_direction direction, const latent_convolution_shape *s, latent_dnn_epilogue epilogue) {
  latent_convolution *c = calloc(1, sizeof *c);
  if (!c) return dnnl_out_of_memory;
  c->direction = direction;
  latent_desc in = {0}, out = {0}, kernel = {0}, any = {0};
  dnnl_primitive_desc_t forward = NULL, desc = NULL;
  latent_dnn_type in_type = direction == LATENT_CONVOLUTION_INPUT_GRADIENT ? result_type : type;
  latent_dnn_type out_type = direction == LATENT_CONVOLUTION_FORWARD ? result_type : type;
  latent_dnn_type kernel_type = direction == LATENT_CONVOLUTION_KERNEL_GRADIENT ? result_type : type;
  latent_desc hint_in = {0}, hint_out = {0}, hint_kernel = {0}, bias = {0};
  dnnl_primitive_attr_t attributes = NULL;
  int status = activation_desc(&in, in_type, s->batch, s->in_channels, s->in_size);
  if (!status) status = activation_desc(&out, out_type, s->batch, s->out_channels, s->out_size);
  if (!status) status = kernel_desc(&kernel, kernel_type, s, 0);
  if (!status) status = kernel_desc(&any, kernel_type, s, 1);
  // A backward primitive asks for a forward one of the same geometry, all in the operands' type.
  if (!status) status = activation_desc(&hint_in, type, s->batch, s->in_channels, s->in_size);
  if (!status) status = activation_desc(&hint_out, type, s->batch, s->out_channels, s->out_size);
  if (!status) status = kernel_desc(&hint_kernel, type, s, 1);
  if (!status) {
    int is_forward = direction == LATENT_CONVOLUTION_FORWARD;
    int64_t channels[1] = {s->out_channels}, stride[1] = {1};
    if (epilogue.has_bias) status = latent_desc_with_strides(&bias, 1, channels, dnnl_f32, stride);
    if (!status) status = latent_dnn_attributes(&attributes, epilogue.activation);
    if (!status) {
      status = primitive_desc(
          &forward, LATENT_CONVOLUTION_FORWARD, s, &hint_in, &hint_kernel, epilogue.has_bias ? &bias : NULL,
          is_forward ? &out : &hint_out, NULL, attributes);
    }
  }
  if (!status && direction != LATENT_CONVOLUTION_FORWARD) {
    status = primitive_desc(&desc, direction, s, &in, &any, NULL, &out, forward, attributes);
  }
  dnnl_primitive_desc_t chosen = desc ? desc : forward;
  if (!status) status = dnnl_primitive_create(&c->primitive, chosen);
  if (!status) status = latent_scratch_create(&c->scratch, chosen);
  if (!status) {
    dnnl_query_t query =
        direction == LATENT_CONVOLUTION_KERNEL_GRADIENT ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
    latent_desc_view packed = dnnl_primitive_desc_query_md(chosen, query, 0);
    int is_same = dnnl_memory_desc_equal(packed, LATENT_DESC_POINTER(kernel));
    status = latent_memory_create(&c->kernel, LATENT_DESC_POINTER(kernel), 0);
    if (!status && !is_same) status = latent_memory_create(&c->packed_kernel, packed, 1);
    if (!status && !is_same) status = make_reorder(c, LATENT_DESC_POINTER(kernel), packed);
  }
  if (!status && epilogue.has_bias) status = latent_memory_create(&c->bias, LATENT_DESC_POINTER(bias), 0);
  if (!status) status = latent_memory_create(&c->input, LATENT_DESC_POINTER(in), 0);
  if (!status) status = latent_memory_create(&c->output, LATENT_DESC_POINTER(out), 0);
  if (desc) dnnl_primitive_desc_destroy(desc);
  if (forward) dnnl_primitive_desc_destroy(forward);
  latent_desc_destroy(&in);
  latent_desc_destroy(&out);
  latent_desc_destroy(&kernel);
  latent_desc_destroy(&any);
  latent_desc_destroy(&hint_in);
  latent_desc_destroy(&hint_out);
  latent_desc_destroy(&hint_kernel);
  latent_desc_destroy(&bias);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  if (status) {
    latent_convolution_destroy(c);
    return status;
  }
  *result = c;
  return 0;
}

static int run_reorder(latent_convolution *c, dnnl_memory_t from, dnnl_memory_t to) {
  if (!c->reorder) return 0;
  dnnl_exec_arg_t arguments[3] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  return latent_dnn_execute(c->reorder, 2, arguments, &c->reorder_scratch);
}

int latent_convolution_run(
    latent_convolution *c, const void *first, const void *second, const void *bias, void *result) {
  if (c->bias) dnnl_memory_set_data_handle(c->bias, (void *)bias);
  dnnl_memory_t kernel = c->reorder ? c->packed_kernel : c->kernel;
  int status = dnnl_success;
  switch (c->direction) {
    case LATENT_CONVOLUTION_FORWARD: {
      dnnl_memory_set_data_handle(c->input, (void *)first);
      dnnl_memory_set_data_handle(c->kernel, (void *)second);
      dnnl_memory_set_data_handle(c->output, result);
      dnnl_exec_arg_t arguments[5] = {
          {DNNL_ARG_SRC, c->input}, {DNNL_ARG_WEIGHTS, kernel}, {DNNL_ARG_DST, c->output}, {DNNL_ARG_BIAS, c->bias}};
      status = run_reorder(c, c->kernel, c->packed_kernel);
      if (status) return status;
      return latent_dnn_execute(c->primitive, c->bias ? 4 : 3, arguments, &c->scratch);
    }
    case LATENT_CONVOLUTION_INPUT_GRADIENT: {
      dnnl_memory_set_data_handle(c->output, (void *)first);
      dnnl_memory_set_data_handle(c->kernel, (void *)second);
      dnnl_memory_set_data_handle(c->input, result);
      dnnl_exec_arg_t arguments[4] = {
          {DNNL_ARG_DIFF_DST, c->output}, {DNNL_ARG_WEIGHTS, kernel}, {DNNL_ARG_DIFF_SRC, c->input}};
      status = run_reorder(c, c->kernel, c->packed_kernel);
      if (status) return status;
      return latent_dnn_execute(c->primitive, 3, arguments, &c->scratch);
    }
    case LATENT_CONVOLUTION_KERNEL_GRADIENT: {
      dnnl_memory_set_data_handle(c->input, (void *)first);
      dnnl_memory_set_data_handle(c->output, (void *)second);
      dnnl_memory_set_data_handle(c->kernel, result);
      dnnl_exec_arg_t arguments[4] = {
          {DNNL_ARG_SRC, c->input}, {DNNL_ARG_DIFF_DST, c->output}, {DNNL_ARG_DIFF_WEIGHTS, kernel}};
      status = latent_dnn_execute(c->primitive, 3, arguments, &c->scratch);
      if (status) return status;
      return run_reorder(c, c->packed_kernel, c->kernel);
    }
  }
  return dnnl_invalid_arguments;
}

size_t latent_convolution_scratch_size(const latent_convolution *c) {
  return c->scratch.size > c->reorder_scratch.size ? c->scratch.size : c->reorder_scratch.size;
}

void latent_convolution_lend_scratch(latent_convolution *c, void *memory) {
  latent_scratch_lend(&c->scratch, memory);
  latent_scratch_lend(&c->reorder_scratch, memory);
}

void latent_convolution_destroy(latent_convolution *c) {
  if (!c) return;
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  if (c->reorder) dnnl_primitive_destroy(c->reorder);
  if (c->input) dnnl_memory_destroy(c->input);
  if (c->output) dnnl_memory_destroy(c->output);
  if (c->kernel) dnnl_memory_destroy(c->kernel);
  if (c->bias) dnnl_memory_destroy(c->bias);
  if (c->packed_kernel) dnnl_memory_destroy(c->packed_kernel);
  latent_scratch_destroy(&c->scratch);
  latent_scratch_destroy(&c->reorder_scratch);
  free(c);
}
