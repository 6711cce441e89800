#ifndef LATENT_DNN_PRIVATE_H
#define LATENT_DNN_PRIVATE_H

#include <dnnl.h>

#include "CLatentOneDNN.h"

// A memory descriptor is a struct in version 2 and a handle to be destroyed in version 3.
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t latent_desc;
#define LATENT_DESC_POINTER(D) (D)
typedef const_dnnl_memory_desc_t latent_desc_view;
#else
typedef dnnl_memory_desc_t latent_desc;
#define LATENT_DESC_POINTER(D) (&(D))
typedef const dnnl_memory_desc_t *latent_desc_view;
#endif

// The process-wide CPU engine and stream, made when the program is loaded. Neither has anything that a run changes: a CPU
// stream runs what it is given at once, in the calling thread.
dnnl_engine_t latent_dnn_engine(void);
dnnl_stream_t latent_dnn_stream(void);

dnnl_data_type_t latent_dnn_data_type(latent_dnn_type type);

int latent_desc_with_strides(
    latent_desc *result, int rank, const int64_t *sizes, dnnl_data_type_t type, const int64_t *strides);
int latent_desc_with_any_layout(latent_desc *result, int rank, const int64_t *sizes, dnnl_data_type_t type);
void latent_desc_destroy(latent_desc *desc);

// The attributes that make a primitive end in an activation and work in memory that it is given.
int latent_dnn_attributes(dnnl_primitive_attr_t *result, latent_dnn_activation activation);

// Memory that primitives work in besides their operands. oneDNN's own is the thread's that made the primitive, so that no
// other thread could run it.
typedef struct {
  dnnl_memory_t memory;  // NULL where none is needed
  size_t size;
} latent_scratch;

int latent_scratch_create(latent_scratch *result, const_dnnl_primitive_desc_t desc);
void latent_scratch_lend(latent_scratch *scratch, void *memory);
void latent_scratch_destroy(latent_scratch *scratch);

// Runs a primitive; `arguments` has room for one more than `count`.
int latent_dnn_execute(dnnl_primitive_t primitive, int count, dnnl_exec_arg_t *arguments, const latent_scratch *scratch);

// A memory object over no data yet (when `allocate` is 0) or over its own.
int latent_memory_create(dnnl_memory_t *result, latent_desc_view desc, int allocate);

// An operand or the result of a primitive that may want it in another layout than ours: then it is copied there before the
// primitive runs, or back after it, in memory that is lent.
typedef struct {
  dnnl_memory_t plain;       // in our layout, over the caller's memory
  dnnl_memory_t packed;      // in the primitive's layout; NULL when they are the same
  dnnl_primitive_t reorder;  // from the one to the other, or back for a result
  latent_scratch scratch;
  size_t size;
} latent_operand;

int latent_operand_create(latent_operand *operand, latent_desc_view plain, latent_desc_view packed, int is_result);
void latent_operand_destroy(latent_operand *operand);
size_t latent_operand_scratch_size(const latent_operand *operand);
// Returns where the memory that is left begins.
void *latent_operand_lend_scratch(latent_operand *operand, void *memory);
// What the primitive is given.
dnnl_memory_t latent_operand_memory(const latent_operand *operand);
int latent_operand_read(latent_operand *operand, const void *data);
void latent_operand_write_to(latent_operand *operand, void *data);
int latent_operand_finish(latent_operand *operand);

// Whether this processor's widest vectors are those of AVX2.
int latent_dnn_is_avx2(void);

#endif
