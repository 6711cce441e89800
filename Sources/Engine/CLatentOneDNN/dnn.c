#include "dnn.h"

#include <string.h>

static dnnl_engine_t shared_engine;
static dnnl_stream_t shared_stream;

// Made once and never freed.
__attribute__((constructor)) static void make_engine(void) {
  if (dnnl_engine_create(&shared_engine, dnnl_cpu, 0) != dnnl_success) return;
  dnnl_stream_create(&shared_stream, shared_engine, dnnl_stream_default_flags);
  // A primitive takes up to 400 kB, and 1024 that nobody uses any more, the default, would be most of a long process.
  dnnl_set_primitive_cache_capacity(512);
}

dnnl_engine_t latent_dnn_engine(void) { return shared_engine; }
dnnl_stream_t latent_dnn_stream(void) { return shared_stream; }

int latent_dnn_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 10000 + version->minor * 100 + version->patch;
}

int latent_dnn_has_bf16(void) {
#if defined(__x86_64__)
  dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
#else
  return 0;
#endif
}

int latent_dnn_is_avx2(void) {
#if defined(__x86_64__)
  dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2 && (isa & dnnl_cpu_isa_avx512_core) != dnnl_cpu_isa_avx512_core;
#else
  return 0;
#endif
}

dnnl_data_type_t latent_dnn_data_type(latent_dnn_type type) { return type == LATENT_DNN_BF16 ? dnnl_bf16 : dnnl_f32; }

int latent_desc_with_strides(
    latent_desc *result, int rank, const int64_t *sizes, dnnl_data_type_t type, const int64_t *strides) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_strides(result, rank, sizes, type, strides);
#else
  return dnnl_memory_desc_init_by_strides(result, rank, sizes, type, strides);
#endif
}

int latent_desc_with_any_layout(latent_desc *result, int rank, const int64_t *sizes, dnnl_data_type_t type) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_memory_desc_create_with_tag(result, rank, sizes, type, dnnl_format_tag_any);
#else
  return dnnl_memory_desc_init_by_tag(result, rank, sizes, type, dnnl_format_tag_any);
#endif
}

void latent_desc_destroy(latent_desc *desc) {
#if DNNL_VERSION_MAJOR >= 3
  if (*desc) dnnl_memory_desc_destroy(*desc);
#endif
  memset(desc, 0, sizeof *desc);
}

int latent_memory_create(dnnl_memory_t *result, latent_desc_view desc, int allocate) {
  return dnnl_memory_create(result, desc, latent_dnn_engine(), allocate ? DNNL_MEMORY_ALLOCATE : DNNL_MEMORY_NONE);
}

int latent_dnn_attributes(dnnl_primitive_attr_t *result, latent_dnn_activation activation) {
  int status = dnnl_primitive_attr_create(result);
  if (!status) status = dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
  if (status) return status;
  dnnl_alg_kind_t kind;
  switch (activation) {
    case LATENT_DNN_IDENTITY: return dnnl_success;
    case LATENT_DNN_TANH: kind = dnnl_eltwise_tanh; break;
    case LATENT_DNN_LOGISTIC: kind = dnnl_eltwise_logistic; break;
    case LATENT_DNN_RELU: kind = dnnl_eltwise_relu; break;
    default: return dnnl_invalid_arguments;
  }
  dnnl_post_ops_t operations = NULL;
  status = dnnl_post_ops_create(&operations);
#if DNNL_VERSION_MAJOR >= 3
  if (!status) status = dnnl_post_ops_append_eltwise(operations, kind, 0, 0);
#else
  if (!status) status = dnnl_post_ops_append_eltwise(operations, 1, kind, 0, 0);
#endif
  if (!status) status = dnnl_primitive_attr_set_post_ops(*result, operations);
  if (operations) dnnl_post_ops_destroy(operations);
  return status;
}

int latent_scratch_create(latent_scratch *result, const_dnnl_primitive_desc_t desc) {
  latent_desc_view view = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
  result->size = view ? dnnl_memory_desc_get_size(view) : 0;
  return result->size > 0 ? latent_memory_create(&result->memory, view, 0) : dnnl_success;
}

void latent_scratch_lend(latent_scratch *scratch, void *memory) {
  if (scratch->memory) dnnl_memory_set_data_handle(scratch->memory, memory);
}

void latent_scratch_destroy(latent_scratch *scratch) {
  if (scratch->memory) dnnl_memory_destroy(scratch->memory);
}

int latent_dnn_execute(dnnl_primitive_t primitive, int count, dnnl_exec_arg_t *arguments, const latent_scratch *scratch) {
  if (scratch->memory) arguments[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, scratch->memory};
  return dnnl_primitive_execute(primitive, latent_dnn_stream(), count, arguments);
}
