#include "latent_sort.h"

#include <string.h>

// An entry is a key, whose order as an unsigned integer is that of the element, above the element's index.

static uint32_t key_f32(float x, int is_descending) {
  if (x != x) return UINT32_MAX;
  float positive_zero = x + 0.0f;
  uint32_t bits;
  memcpy(&bits, &positive_zero, sizeof bits);
  uint32_t key = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return is_descending ? ~key : key;
}

static uint32_t key_i32(int32_t x, int is_descending) {
  uint32_t key = (uint32_t)x ^ 0x80000000u;
  return is_descending ? ~key : key;
}

// Below this size insertion is faster than counting 256 digits four times.
#define LATENT_INSERTION_LIMIT 48

static void insert(uint64_t *entries, size_t size) {
  for (size_t k = 1; k < size; k++) {
    uint64_t entry = entries[k];
    size_t place = k;
    for (; place > 0 && entries[place - 1] > entry; place--) entries[place] = entries[place - 1];
    entries[place] = entry;
  }
}

// By the digits of the keys, the lowest first; the indices are in order to begin with, and every pass keeps the order of
// equals. Returns where the result lies: in one of the two halves.
static const uint64_t *sort_by_digits(uint64_t *from, uint64_t *to, size_t size) {
  size_t counts[4][256] = {{0}};
  for (size_t k = 0; k < size; k++) {
    for (int digit = 0; digit < 4; digit++) counts[digit][(from[k] >> (32 + 8 * digit)) & 0xff]++;
  }
  for (int digit = 0; digit < 4; digit++) {
    int shift = 32 + 8 * digit;
    if (counts[digit][(from[0] >> shift) & 0xff] == size) continue;
    size_t sum = 0;
    for (int value = 0; value < 256; value++) {
      size_t count = counts[digit][value];
      counts[digit][value] = sum;
      sum += count;
    }
    for (size_t k = 0; k < size; k++) to[counts[digit][(from[k] >> shift) & 0xff]++] = from[k];
    uint64_t *swapped = from;
    from = to;
    to = swapped;
  }
  return from;
}

#define LATENT_ARGUMENT_SORT(NAME, TYPE, KEY)                                                                  \
  void NAME(                                                                                                   \
      const TYPE *source, int32_t *result, uint64_t *scratch, size_t outer, size_t size, size_t inner,         \
      int is_descending) {                                                                                     \
    for (size_t line = 0; line < outer * inner; line++) {                                                      \
      size_t first = line / inner * size * inner + line % inner;                                               \
      for (size_t k = 0; k < size; k++) {                                                                      \
        scratch[k] = (uint64_t)KEY(source[first + k * inner], is_descending) << 32 | k;                        \
      }                                                                                                        \
      const uint64_t *sorted = scratch;                                                                        \
      if (size < LATENT_INSERTION_LIMIT) {                                                                     \
        insert(scratch, size);                                                                                 \
      } else {                                                                                                 \
        sorted = sort_by_digits(scratch, scratch + size, size);                                                \
      }                                                                                                        \
      for (size_t k = 0; k < size; k++) result[first + k * inner] = (int32_t)(uint32_t)sorted[k];              \
    }                                                                                                          \
  }

LATENT_ARGUMENT_SORT(latent_argument_sort_f32, float, key_f32)
LATENT_ARGUMENT_SORT(latent_argument_sort_i32, int32_t, key_i32)
