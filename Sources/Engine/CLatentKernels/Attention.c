#include "AttentionBlock.h"
#include "latent_parallel.h"

// A block of queries lies in the lanes of vectors, so that the softmax over the keys is arithmetic between vectors;
// keys and values are read number by number. For each block of keys the largest score so far, the sum of the weights,
// and the output are brought up to date.

/// Where a thread keeps what belongs to its block of queries; rows have LATENT_BLOCK_LANES numbers.
typedef struct {
  float *queries;  // [features]
  float *output;   // [features]
  float *scores;   // [LATENT_PASSING_ROWS], then weights
  float *top, *sum, *factor;
  float *rows;  // keys and values that pass by, [2, LATENT_PASSING_ROWS, features] without gaps
} forward_memory;

static size_t memory_size(const latent_attention *p) {
  return (2 * p->features + LATENT_PASSING_ROWS + 3) * LATENT_BLOCK_LANES + 2 * LATENT_PASSING_ROWS * p->features;
}

static forward_memory memory_at(const latent_attention *p, float *scratch) {
  const size_t columns = p->features * LATENT_BLOCK_LANES;
  float *scores = scratch + 2 * columns, *top = scores + LATENT_PASSING_ROWS * LATENT_BLOCK_LANES;
  return (forward_memory){
      scratch, scratch + columns, scores, top, top + LATENT_BLOCK_LANES, top + 2 * LATENT_BLOCK_LANES,
      top + 3 * LATENT_BLOCK_LANES};
}

// Hides from each query the keys that it does not see; `seen` is how many of these keys the first query sees, or less
// than 0.
LATENT_CLONES static void hide(float *scores, size_t vectors, size_t keys, ptrdiff_t seen) {
  for (size_t v = 0; v < vectors; v++) {
    latent_lane_bits lanes;
    latent_count_lanes((int32_t)(v * LATENT_LANES) + (int32_t)seen, &lanes);
    for (size_t j = 0; j < keys; j++) {
      latent_lanes *x = (latent_lanes *)(scores + j * LATENT_BLOCK_LANES + v * LATENT_LANES);
      *x = lanes > (int32_t)j ? *x : (latent_lanes)-INFINITY;
    }
  }
}

// Scores to weights relative to the largest score so far; `factor` is what earlier weights are worth now.
LATENT_CLONES static void weigh(const forward_memory *m, size_t vectors, size_t keys) {
  for (size_t v = 0; v < vectors; v++) {
    float *column = m->scores + v * LATENT_LANES;
    latent_lanes *top = (latent_lanes *)(m->top + v * LATENT_LANES), *sum = (latent_lanes *)(m->sum + v * LATENT_LANES);
    // Two maxima, so that one does not wait for the other.
    latent_lanes largest = *top, other = *top;
    for (size_t j = 0; j < keys; j += 2) {
      const latent_lanes x = *(const latent_lanes *)(column + j * LATENT_BLOCK_LANES);
      const latent_lanes y = *(const latent_lanes *)(column + (j + 1 < keys ? j + 1 : j) * LATENT_BLOCK_LANES);
      largest = x > largest ? x : largest;
      other = y > other ? y : other;
    }
    largest = other > largest ? other : largest;
    // Where nothing was seen yet, any finite number will do.
    const latent_lanes base = largest == -INFINITY ? (latent_lanes)0.0f : largest;
    const latent_lanes fall = *top - base;
    latent_lanes factor, sums = 0.0f;
    latent_exp2_weights(&fall, &factor);
    for (size_t j = 0; j < keys; j++) {
      latent_lanes *x = (latent_lanes *)(column + j * LATENT_BLOCK_LANES);
      const latent_lanes score = *x - base;
      latent_exp2_weights(&score, x);
      sums += *x;
    }
    *top = largest;
    *sum = *sum * factor + sums;
    *(latent_lanes *)(m->factor + v * LATENT_LANES) = factor;
  }
}

LATENT_CLONES static void rescale(const forward_memory *m, size_t vectors, size_t features) {
  for (size_t v = 0; v < vectors; v++) {
    const latent_lanes factor = *(const latent_lanes *)(m->factor + v * LATENT_LANES);
    float *column = m->output + v * LATENT_LANES;
    for (size_t f = 0; f < features; f++) *(latent_lanes *)(column + f * LATENT_BLOCK_LANES) *= factor;
  }
}

static void begin(const forward_memory *m) {
  for (size_t l = 0; l < LATENT_BLOCK_LANES; l++) {
    m->top[l] = -INFINITY;
    m->sum[l] = 0.0f;
  }
}

static void finish(
    const latent_attention *p, const forward_memory *m, size_t count, float *output, float *log_sum_exp) {
  for (size_t l = 0; l < count; l++) {
    log_sum_exp[l] = m->sum[l] == 0.0f ? -INFINITY : LATENT_LOG_2 * m->top[l] + latent_log(m->sum[l]);
  }
  for (size_t l = 0; l < LATENT_BLOCK_LANES; l++) m->factor[l] = m->sum[l] == 0.0f ? 0.0f : 1.0f / m->sum[l];
  latent_unpack_columns(count, p->features, m->output, LATENT_BLOCK_LANES, m->factor, output, p->output.position);
}

// Takes keys [j, j + keys) into what is known of the block's queries from `first` on, `skipped` vectors behind its
// first.
static void pass_keys(
    const latent_attention *p, const forward_memory *block, size_t n, size_t head, size_t first, size_t count,
    size_t skipped, size_t j, size_t keys) {
  const size_t key_head = head / (p->query_heads / p->key_heads), vectors = latent_vectors(count);
  const size_t lane = skipped * LATENT_LANES;
  const forward_memory m = {
      block->queries + lane, block->output + lane, block->scores + lane, block->top + lane,
      block->sum + lane,     block->factor + lane, block->rows};
  ptrdiff_t key_row = p->key.position, value_row = p->value.position;
  const float *key = latent_operand_rows(&p->key, n, key_head);
  const float *value = latent_operand_rows(&p->value, n, key_head);
  key = latent_attention_near(keys, p->features, key + (ptrdiff_t)j * key_row, &key_row, m.rows);
  value = latent_attention_near(
      keys, p->features, value + (ptrdiff_t)j * value_row, &value_row, m.rows + LATENT_PASSING_ROWS * p->features);
  const latent_micro_product scores = {
      keys, vectors, p->features, key, key_row, 1, m.queries, LATENT_BLOCK_LANES, m.scores, LATENT_BLOCK_LANES, 0};
  const latent_micro_product sums = {
      p->features, vectors, keys, value, 1, value_row, m.scores, LATENT_BLOCK_LANES, m.output, LATENT_BLOCK_LANES,
      j > 0};
  latent_micro_product_run(&scores);
  if (p->mask.base) latent_attention_add_mask(&p->mask, n, head, first, count, j, keys, 0, m.scores);
  if (j + keys > latent_attention_visible(p, first)) {
    hide(m.scores, vectors, keys, (ptrdiff_t)(first + p->keys + 1) - (ptrdiff_t)(p->queries + j));
  }
  weigh(&m, vectors, keys);
  if (j > 0) rescale(&m, vectors, p->features);
  latent_micro_product_run(&sums);
}

static void forward_block(
    const latent_attention *p, const forward_memory *m, size_t n, size_t head, size_t first, size_t limit) {
  const size_t count = limit - first;
  const float *query = latent_operand_rows(&p->query, n, head);
  float *output = latent_result_rows(&p->output, n, head);
  latent_pack_columns(
      count, p->features, query + (ptrdiff_t)first * p->query.position, p->query.position, p->scale * LATENT_LOG2_E,
      m->queries, LATENT_BLOCK_LANES);
  begin(m);

  const size_t visible = latent_attention_visible(p, limit - 1), seen_by_all = latent_attention_visible(p, first);
  if (seen_by_all == 0) {
    for (size_t f = 0; f < p->features * LATENT_BLOCK_LANES; f++) m->output[f] = 0.0f;
  }
  for (size_t j = 0, keys; j < visible; j += keys) {
    const size_t most = j + LATENT_PASSING_ROWS > seen_by_all ? LATENT_PASSING_ROWS_OF_TRIANGLE : LATENT_PASSING_ROWS;
    keys = visible - j < most ? visible - j : most;
    // Vectors of queries that see none of these keys are left out.
    size_t skipped = 0;
    while (latent_attention_visible(p, first + (skipped + 1) * LATENT_LANES - 1) <= j) skipped++;
    pass_keys(p, m, n, head, first + skipped * LATENT_LANES, count - skipped * LATENT_LANES, skipped, j, keys);
  }
  finish(
      p, m, count, output + (ptrdiff_t)first * p->output.position,
      p->log_sum_exp + (n * p->query_heads + head) * p->queries + first);
}

typedef struct {
  const latent_attention *attention;
  float *scratch;
  size_t blocks;
  int shares;
} forward_work;

static void run_share(void *context, int index, int count) {
  const forward_work *work = context;
  const latent_attention *p = work->attention;
  const forward_memory m = memory_at(p, work->scratch + (size_t)index * memory_size(p));
  const size_t heads = p->batches * p->query_heads;
  size_t first = 0, limit = heads;
  if (work->shares == 1) latent_share(heads, 1, index, count, &first, &limit);
  for (size_t head = first; head < limit; head++) {
    for (size_t block = 0; block < work->blocks; block++) {
      if (work->shares > 1 && !latent_attention_owns(block, index, work->shares)) continue;
      size_t i, last;
      latent_attention_block(p->queries, work->blocks, block, &i, &last);
      forward_block(p, &m, head / p->query_heads, head % p->query_heads, i, last);
    }
  }
}

size_t latent_attention_scratch_size(const latent_attention *p, int threads) {
  return (size_t)threads * memory_size(p) + LATENT_LANES;
}

void latent_attention_run(const latent_attention *p, float *scratch, int threads) {
  const size_t heads = p->batches * p->query_heads;
  if (heads == 0 || p->queries == 0) return;
  if (p->queries <= LATENT_FEW_QUERIES) {
    latent_attention_rows_run(p, threads);
    return;
  }
  const int shares = latent_attention_shares(heads, threads);
  const size_t blocks = latent_attention_block_count(p->queries, shares > 1 ? 2 * (size_t)shares : 1);
  forward_work work = {p, latent_aligned(scratch), blocks, shares};
  latent_parallel(threads, run_share, &work);
}
