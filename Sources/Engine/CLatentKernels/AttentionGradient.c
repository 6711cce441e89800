#include <string.h>

#include "AttentionBlock.h"
#include "latent_parallel.h"

// A block of keys lies in the lanes of vectors, with its gradients; the queries pass by, each block of them adding to
// the sum of its own gradient. With weights P = 2^(S - log-sum-exp) and D = the sum of output times cotangent over the
// features,
//
//   dV = P^T dO,   dS = P * (dO V^T - D),   dQ = scale dS K,   dK = scale dS^T Q.

/// Where a thread keeps what belongs to its block of keys; rows have LATENT_BLOCK_LANES numbers but those of `key_rows`
/// and `query_sums`, which have `width`.
typedef struct {
  float *keys, *values, *key_sums, *value_sums;  // [features]
  float *weights, *changes;                      // [LATENT_PASSING_ROWS]
  float *key_rows;                               // [LATENT_BLOCK_LANES], features in the lanes
  float *rows;      // queries and cotangents that pass by, [2, LATENT_PASSING_ROWS, features] without gaps
  float *factors;
  float *log_sum_exp, *products;  // [group of query heads, queries], in units of log 2, and D
  float *query_sums;              // [group of query heads, queries]
} gradient_memory;

static size_t group_of(const latent_attention *p) { return p->query_heads / p->key_heads; }

static size_t width_of(const latent_attention *p) { return latent_vectors(p->features) * LATENT_LANES; }

// Rows of queries of all heads of a group, a whole number of vectors.
static size_t rows_of(const latent_attention *p) {
  return latent_vectors(group_of(p) * p->queries) * LATENT_LANES;
}

static size_t memory_size(const latent_attention *p) {
  return (4 * p->features + 2 * LATENT_PASSING_ROWS + 1) * LATENT_BLOCK_LANES + LATENT_BLOCK_LANES * width_of(p) +
         2 * LATENT_PASSING_ROWS * p->features +
         (2 + width_of(p)) * rows_of(p);
}

static gradient_memory memory_at(const latent_attention *p, float *scratch) {
  const size_t columns = p->features * LATENT_BLOCK_LANES;
  gradient_memory m;
  m.keys = scratch;
  m.values = m.keys + columns;
  m.key_sums = m.values + columns;
  m.value_sums = m.key_sums + columns;
  m.weights = m.value_sums + columns;
  m.changes = m.weights + LATENT_PASSING_ROWS * LATENT_BLOCK_LANES;
  m.factors = m.changes + LATENT_PASSING_ROWS * LATENT_BLOCK_LANES;
  m.key_rows = m.factors + LATENT_BLOCK_LANES;
  m.rows = m.key_rows + LATENT_BLOCK_LANES * width_of(p);
  m.log_sum_exp = m.rows + 2 * LATENT_PASSING_ROWS * p->features;
  m.products = m.log_sum_exp + rows_of(p);
  m.query_sums = m.products + rows_of(p);
  return m;
}

// Scores and dO V^T to P and dS. `seen` is how many of the keys the first query sees, or less than 0; each one sees one
// more.
LATENT_CLONES static void weigh(
    const gradient_memory *m, size_t vectors, size_t queries, size_t row, int hides, ptrdiff_t seen) {
  for (size_t i = 0; i < queries; i++) {
    const float log_sum = m->log_sum_exp[row + i], product = m->products[row + i];
    for (size_t v = 0; v < vectors; v++) {
      const size_t place = i * LATENT_BLOCK_LANES + v * LATENT_LANES;
      latent_lanes *weights = (latent_lanes *)(m->weights + place), *changes = (latent_lanes *)(m->changes + place);
      const latent_lanes score = *weights - log_sum;
      latent_lanes x;
      latent_exp2_weights(&score, &x);
      if (hides) {
        latent_lane_bits lanes;
        latent_count_lanes((int32_t)(v * LATENT_LANES), &lanes);
        x = lanes < (int32_t)(seen + (ptrdiff_t)i) ? x : (latent_lanes)0.0f;
      }
      *weights = x;
      *changes = x * (*changes - product);
    }
  }
}

// The gradients of a block of keys from the queries of one head that see any of them.
static void pass_queries(
    const latent_attention_gradient *g, const gradient_memory *m, size_t n, size_t head, size_t row, size_t j,
    size_t keys) {
  const latent_attention *p = &g->attention;
  const size_t width = width_of(p);
  const float *query = latent_operand_rows(&p->query, n, head);
  const float *cotangent = latent_operand_rows(&g->cotangent, n, head);
  latent_micro_product scores = {
      0, 0, p->features, NULL, 0, 1, m->keys, LATENT_BLOCK_LANES, m->weights, LATENT_BLOCK_LANES, 0};
  latent_micro_product changes = {
      0, 0, p->features, NULL, 0, 1, m->values, LATENT_BLOCK_LANES, m->changes,
      LATENT_BLOCK_LANES, 0};
  latent_micro_product value_sums = {
      p->features, 0, 0, NULL, 1, 0, m->weights, LATENT_BLOCK_LANES, m->value_sums,
      LATENT_BLOCK_LANES, 1};
  latent_micro_product key_sums = {
      p->features, 0, 0, NULL, 1, 0, m->changes, LATENT_BLOCK_LANES, m->key_sums, LATENT_BLOCK_LANES, 1};
  latent_micro_product query_sums = {
      0, 0, 0, m->changes, LATENT_BLOCK_LANES, 1, m->key_rows, (ptrdiff_t)width, NULL, (ptrdiff_t)width, 1};

  size_t i = 0;
  if (p->is_causal && j + p->queries > p->keys) i = j + p->queries - p->keys;
  for (size_t queries; i < p->queries; i += queries) {
    const int is_triangle = latent_attention_visible(p, i) < j + keys;
    const size_t most = is_triangle ? LATENT_PASSING_ROWS_OF_TRIANGLE : LATENT_PASSING_ROWS;
    queries = p->queries - i < most ? p->queries - i : most;
    // The keys that the last of these queries sees.
    const size_t visible = latent_attention_visible(p, i + queries - 1) - j;
    const size_t seen = visible < keys ? visible : keys, vectors = latent_vectors(seen);
    scores.rows = changes.rows = query_sums.rows = queries;
    scores.vectors = changes.vectors = value_sums.vectors = key_sums.vectors = vectors;
    value_sums.depth = key_sums.depth = queries;
    query_sums.depth = seen;
    ptrdiff_t query_row = p->query.position, cotangent_row = g->cotangent.position;
    scores.a = key_sums.a =
        latent_attention_near(queries, p->features, query + (ptrdiff_t)i * query_row, &query_row, m->rows);
    changes.a = value_sums.a = latent_attention_near(
        queries, p->features, cotangent + (ptrdiff_t)i * cotangent_row, &cotangent_row,
        m->rows + LATENT_PASSING_ROWS * p->features);
    scores.a_row = key_sums.a_step = query_row;
    changes.a_row = value_sums.a_step = cotangent_row;
    latent_micro_product_run(&scores);
    latent_micro_product_run(&changes);
    if (p->mask.base) latent_attention_add_mask(&p->mask, n, head, i, queries, j, seen, 1, m->weights);
    weigh(m, vectors, queries, row + i, is_triangle, (ptrdiff_t)(i + 1 + p->keys) - (ptrdiff_t)(p->queries + j));
    latent_micro_product_run(&value_sums);
    latent_micro_product_run(&key_sums);
    for (size_t f = 0; f < width; f += LATENT_BLOCK_LANES) {
      const size_t left = (width - f) / LATENT_LANES;
      query_sums.vectors = left < LATENT_BLOCK_VECTORS ? left : LATENT_BLOCK_VECTORS;
      query_sums.b = m->key_rows + f;
      query_sums.c = m->query_sums + (row + i) * width + f;
      latent_micro_product_run(&query_sums);
    }
  }
}

static void fill(size_t count, float value, float *numbers) {
  for (size_t i = 0; i < count; i++) numbers[i] = value;
}

static void key_block(
    const latent_attention_gradient *g, const gradient_memory *m, size_t n, size_t key_head, size_t first,
    size_t limit) {
  const latent_attention *p = &g->attention;
  const size_t count = limit - first, width = width_of(p), group = group_of(p);
  const float *key = latent_operand_rows(&p->key, n, key_head) +
                     (ptrdiff_t)first * p->key.position;
  const float *value = latent_operand_rows(&p->value, n, key_head) +
                       (ptrdiff_t)first * p->value.position;
  latent_pack_columns(
      count, p->features, key, p->key.position, p->scale * LATENT_LOG2_E, m->keys, LATENT_BLOCK_LANES);
  latent_pack_columns(count, p->features, value, p->value.position, 1.0f, m->values, LATENT_BLOCK_LANES);
  for (size_t j = 0; j < count; j++) {
    memcpy(m->key_rows + j * width, key + (ptrdiff_t)j * p->key.position, p->features * sizeof(float));
    fill(width - p->features, 0.0f, m->key_rows + j * width + p->features);
  }
  fill(2 * p->features * LATENT_BLOCK_LANES, 0.0f, m->key_sums);
  for (size_t h = 0; h < group; h++) pass_queries(g, m, n, key_head * group + h, h * p->queries, first, count);

  float *key_result = latent_result_rows(&g->key, n, key_head) +
                      (ptrdiff_t)first * g->key.position;
  float *value_result = latent_result_rows(&g->value, n, key_head) +
                        (ptrdiff_t)first * g->value.position;
  fill(LATENT_BLOCK_LANES, p->scale, m->factors);
  latent_unpack_columns(count, p->features, m->key_sums, LATENT_BLOCK_LANES, m->factors, key_result, g->key.position);
  fill(LATENT_BLOCK_LANES, 1.0f, m->factors);
  latent_unpack_columns(
      count, p->features, m->value_sums, LATENT_BLOCK_LANES, m->factors, value_result, g->value.position);
}

LATENT_CLONES static float product_of_rows(size_t n, const float *x, const float *y) {
  latent_lanes sums = 0.0f;
  size_t i = 0;
  for (; i + LATENT_LANES <= n; i += LATENT_LANES) {
    sums += *(const latent_lanes *)(x + i) * *(const latent_lanes *)(y + i);
  }
  float sum = 0.0f;
  for (; i < n; i++) sum += x[i] * y[i];
  LATENT_UNROLL for (int l = 0; l < LATENT_LANES; l++) sum += sums[l];
  return sum;
}

// What each query of a group of heads brings: its log-sum-exp, D, and a gradient of zeros.
static void begin_group(const latent_attention_gradient *g, const gradient_memory *m, size_t n, size_t key_head) {
  const latent_attention *p = &g->attention;
  const size_t group = group_of(p);
  for (size_t h = 0; h < group; h++) {
    const size_t head = key_head * group + h, row = h * p->queries;
    const float *output = latent_result_rows(&p->output, n, head);
    const float *cotangent = latent_operand_rows(&g->cotangent, n, head);
    const float *log_sum_exp = p->log_sum_exp + (n * p->query_heads + head) * p->queries;
    for (size_t i = 0; i < p->queries; i++) {
      m->products[row + i] = product_of_rows(
          p->features, output + (ptrdiff_t)i * p->output.position, cotangent + (ptrdiff_t)i * g->cotangent.position);
      // A query that sees no key: its scores are minus infinity and stay so.
      m->log_sum_exp[row + i] = log_sum_exp[i] == -INFINITY ? 0.0f : LATENT_LOG2_E * log_sum_exp[i];
    }
  }
  fill(rows_of(p) * width_of(p), 0.0f, m->query_sums);
}

// Queries [first, limit) of a group: the sums of all shares in order, to the result.
static void finish_queries(
    const latent_attention_gradient *g, const float *sums, size_t next_share, int shares, size_t n, size_t key_head,
    size_t first, size_t limit) {
  const latent_attention *p = &g->attention;
  const size_t group = group_of(p), width = width_of(p);
  for (size_t row = first; row < limit; row++) {
    const size_t head = key_head * group + row / p->queries, i = row % p->queries;
    float *result = latent_result_rows(&g->query, n, head) +
                    (ptrdiff_t)i * g->query.position;
    const float *row_sums = sums + row * width;
    for (size_t f = 0; f < p->features; f++) {
      float sum = row_sums[f];
      for (int share = 1; share < shares; share++) sum += row_sums[(size_t)share * next_share + f];
      result[f] = p->scale * sum;
    }
  }
}

typedef struct {
  const latent_attention_gradient *gradient;
  float *scratch;
  size_t blocks, head;
} gradient_work;

static void pass_keys(const gradient_work *work, const gradient_memory *m, size_t head, int share, int shares) {
  const latent_attention *p = &work->gradient->attention;
  const size_t n = head / p->key_heads, key_head = head % p->key_heads;
  begin_group(work->gradient, m, n, key_head);
  for (size_t block = 0; block < work->blocks; block++) {
    if (!latent_attention_owns(block, share, shares)) continue;
    size_t first, limit;
    latent_attention_block(p->keys, work->blocks, block, &first, &limit);
    key_block(work->gradient, m, n, key_head, first, limit);
  }
}

static void run_heads(void *context, int index, int count) {
  const gradient_work *work = context;
  const latent_attention *p = &work->gradient->attention;
  const gradient_memory m = memory_at(p, work->scratch + (size_t)index * memory_size(p));
  size_t first, limit;
  latent_share(p->batches * p->key_heads, 1, index, count, &first, &limit);
  for (size_t head = first; head < limit; head++) {
    pass_keys(work, &m, head, 0, 1);
    finish_queries(
        work->gradient, m.query_sums, 0, 1, head / p->key_heads, head % p->key_heads, 0, group_of(p) * p->queries);
  }
}

static void run_blocks(void *context, int index, int count) {
  const gradient_work *work = context;
  const latent_attention *p = &work->gradient->attention;
  const gradient_memory m = memory_at(p, work->scratch + (size_t)index * memory_size(p));
  pass_keys(work, &m, work->head, index, count);
}

static void combine_blocks(void *context, int index, int count) {
  const gradient_work *work = context;
  const latent_attention *p = &work->gradient->attention;
  const gradient_memory m = memory_at(p, work->scratch);
  size_t first, limit;
  latent_share(group_of(p) * p->queries, 1, index, count, &first, &limit);
  finish_queries(
      work->gradient, m.query_sums, memory_size(p), count, work->head / p->key_heads, work->head % p->key_heads, first,
      limit);
}

size_t latent_attention_gradient_scratch_size(const latent_attention_gradient *g, int threads) {
  return (size_t)threads * memory_size(&g->attention) + LATENT_LANES;
}

void latent_attention_gradient_run(const latent_attention_gradient *g, float *scratch, int threads) {
  const latent_attention *p = &g->attention;
  const size_t heads = p->batches * p->key_heads;
  const int shares = latent_attention_shares(heads, threads);
  const size_t blocks = latent_attention_block_count(p->keys, shares > 1 ? 2 * (size_t)shares : 1);
  gradient_work work = {g, latent_aligned(scratch), blocks, 0};
  if (shares == 1) {
    latent_parallel(threads, run_heads, &work);
    return;
  }
  for (; work.head < heads; work.head++) {
    latent_parallel(shares, run_blocks, &work);
    latent_parallel(shares, combine_blocks, &work);
  }
}
