#include "dnn.h"

static size_t aligned(size_t size) { return (size + 63) / 64 * 64; }

int latent_operand_create(latent_operand *o, latent_desc_view plain, latent_desc_view packed, int is_result) {
  int status = latent_memory_create(&o->plain, plain, 0);
  if (status || dnnl_memory_desc_equal(packed, plain)) return status;
  o->size = aligned(dnnl_memory_desc_get_size(packed));
  status = latent_memory_create(&o->packed, packed, 0);
  dnnl_engine_t engine = latent_dnn_engine();
  dnnl_primitive_desc_t desc = NULL;
  dnnl_primitive_attr_t attributes = NULL;
  if (!status) status = latent_dnn_attributes(&attributes, LATENT_DNN_IDENTITY);
  if (!status) {
    status = dnnl_reorder_primitive_desc_create(
        &desc, is_result ? packed : plain, engine, is_result ? plain : packed, engine, attributes);
  }
  if (!status) status = dnnl_primitive_create(&o->reorder, desc);
  if (!status) status = latent_scratch_create(&o->scratch, desc);
  if (desc) dnnl_primitive_desc_destroy(desc);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return status;
}

void latent_operand_destroy(latent_operand *o) {
  if (o->plain) dnnl_memory_destroy(o->plain);
  if (o->packed) dnnl_memory_destroy(o->packed);
  if (o->reorder) dnnl_primitive_destroy(o->reorder);
  latent_scratch_destroy(&o->scratch);
}

size_t latent_operand_scratch_size(const latent_operand *o) { return o->size + aligned(o->scratch.size); }

void *latent_operand_lend_scratch(latent_operand *o, void *memory) {
  if (o->packed) dnnl_memory_set_data_handle(o->packed, memory);
  latent_scratch_lend(&o->scratch, (char *)memory + o->size);
  return (char *)memory + latent_operand_scratch_size(o);
}

dnnl_memory_t latent_operand_memory(const latent_operand *o) { return o->packed ? o->packed : o->plain; }

int latent_operand_read(latent_operand *o, const void *data) {
  dnnl_memory_set_data_handle(o->plain, (void *)data);
  if (!o->reorder) return 0;
  dnnl_exec_arg_t arguments[3] = {{DNNL_ARG_FROM, o->plain}, {DNNL_ARG_TO, o->packed}};
  return latent_dnn_execute(o->reorder, 2, arguments, &o->scratch);
}

void latent_operand_write_to(latent_operand *o, void *data) { dnnl_memory_set_data_handle(o->plain, data); }

int latent_operand_finish(latent_operand *o) {
  if (!o->reorder) return 0;
  dnnl_exec_arg_t arguments[3] = {{DNNL_ARG_FROM, o->packed}, {DNNL_ARG_TO, o->plain}};
  return latent_dnn_execute(o->reorder, 2, arguments, &o->scratch);
}
