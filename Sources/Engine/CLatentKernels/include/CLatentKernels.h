#ifndef LATENT_KERNELS_H
#define LATENT_KERNELS_H

#include "latent_attention.h"
#include "latent_cumulative.h"
#include "latent_draw.h"
#include "latent_elementwise.h"
#include "latent_indexing.h"
#include "latent_parallel.h"
#include "latent_random.h"
#include "latent_reduce.h"
#include "latent_rows.h"
#include "latent_sort.h"
#include "latent_tile.h"
#include "latent_vector_product.h"

#endif
