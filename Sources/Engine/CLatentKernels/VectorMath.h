#ifndef LATENT_VECTOR_MATH_H
#define LATENT_VECTOR_MATH_H

// Float functions without branches, tables or calls, so that clang vectorises a loop around them at any width.
//
// Polynomials are our own minimax fits (Lawson's reweighted least squares), good to 2^-26 or better before rounding.
// Errors in units in the last place are measured in Tests/CKernelsTests; each function states its bound there. A sum
// like a * b + c fuses where the processor can, so the last bit may differ between processors, never between lanes.

#include <math.h>
#include <stdint.h>
#include <string.h>

/// One copy of a function per family of processors, chosen when the program is loaded: too early for the thread sanitizer.
#if !defined(LATENT_CLONES)
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define LATENT_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LATENT_CLONES
#endif
#endif

#define LATENT_INLINE static inline __attribute__((always_inline, unused))

LATENT_INLINE int32_t latent_bits(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

LATENT_INLINE float latent_from_bits(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

LATENT_INLINE float latent_abs(float x) { return __builtin_elementwise_abs(x); }

LATENT_INLINE float latent_with_sign_of(float magnitude, float sign) {
  return __builtin_elementwise_copysign(magnitude, sign);
}

/// Limits x to [low, high]; NaN passes.
LATENT_INLINE float latent_clamp(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

// MARK: Exponentials

/// 1.5 * 2^23: adding it rounds a float below 2^22 to an integer, which is then in the sum's low bits.
#define LATENT_ROUNDER 0x1.8p23f
/// log 2 in two parts; the first has 9 bits, so that its product with an exponent is exact.
#define LATENT_LOG2_HIGH 0x1.63p-1f
#define LATENT_LOG2_LOW -0x1.bd0106p-13f

/// 2^exponent for -126 <= exponent <= 127.
LATENT_INLINE float latent_power_of_two(int32_t exponent) {
  return latent_from_bits((int32_t)((uint32_t)(exponent + 127) << 23));
}

/// x * 2^exponent for exponents of -252 to 254, with overflow to infinity and gradual underflow.
LATENT_INLINE float latent_scale(float x, int32_t exponent) {
  int32_t half = exponent >> 1;
  return x * latent_power_of_two(half) * latent_power_of_two(exponent - half);
}

/// Splits x, of magnitude below 150, into exponent * log 2 + the result, which is within log(2) / 2 of zero.
LATENT_INLINE float latent_reduce_exponent(float x, int32_t *exponent) {
  float shifted = x * 0x1.715476p0f + LATENT_ROUNDER;
  float whole = shifted - LATENT_ROUNDER;
  // Masked, so that NaN cannot make an exponent whose arithmetic overflows.
  *exponent = ((latent_bits(shifted) & 0x3fffff) ^ 0x200000) - 0x200000;
  float r = x - whole * LATENT_LOG2_HIGH;
  return r - whole * LATENT_LOG2_LOW;
}

/// exp(r) - 1 for |r| <= log(2) / 2.
LATENT_INLINE float latent_expm1_reduced(float r) {
  float p = 0x1.6beb22p-10f;
  p = p * r + 0x1.122d0cp-7f;
  p = p * r + 0x1.555680p-5f;
  p = p * r + 0x1.5554aap-3f;
  p = p * r + 0x1.fffffep-2f;
  return p * (r * r) + r;
}

/// 2^r for |r| <= 1/2, of a number or of a vector.
#define LATENT_EXP2_REDUCED(r)                                                                  \
  ((((((0x1.41d334p-13f * (r) + 0x1.5f456ap-10f) * (r) + 0x1.3b2dbcp-7f) * (r) + 0x1.c6aed4p-5f) * (r) + \
     0x1.ebfbdap-3f) * (r) + 0x1.62e430p-1f) * (r) + 1.0f)

LATENT_INLINE float latent_exp(float x) {
  int32_t exponent;
  float r = latent_reduce_exponent(latent_clamp(x, -104.0f, 89.0f), &exponent);
  return latent_scale(1.0f + latent_expm1_reduced(r), exponent);
}

/// exp for arguments that need no care: -87 <= x <= 88.
LATENT_INLINE float latent_exp_moderate(float x) {
  int32_t exponent;
  float r = latent_reduce_exponent(x, &exponent);
  return (1.0f + latent_expm1_reduced(r)) * latent_power_of_two(exponent);
}

LATENT_INLINE float latent_expm1(float x) {
  int32_t exponent;
  float q = latent_expm1_reduced(latent_reduce_exponent(latent_clamp(x, -20.0f, 89.0f), &exponent));
  // 2^e q + (2^e - 1), at half its size because 2^128 is not a float.
  float half_scale = latent_power_of_two(exponent - 1);
  float result = 2.0f * (half_scale * q + (half_scale - 0.5f));
  return latent_abs(x) < 0x1p-25f ? x : result;
}

/// (e^2a - 1) / (e^2a + 1) for a = |x|, with e^2a - 1 and e^2a + 1 each rounded once.
LATENT_INLINE float latent_tanh(float x) {
  int32_t exponent;
  float a = latent_abs(x);
  float q = latent_expm1_reduced(latent_reduce_exponent(latent_clamp(2.0f * a, 0.0f, 20.0f), &exponent));
  float scale = latent_power_of_two(exponent);
  float result = (scale * q + (scale - 1.0f)) / (scale * q + (scale + 1.0f));
  return latent_with_sign_of(result, x);
}

/// 1 / (1 + e^-x), from e^-|x| so that both tails keep their relative accuracy.
LATENT_INLINE float latent_logistic(float x) {
  int32_t exponent;
  float a = latent_abs(x);
  float r = latent_reduce_exponent(-(a > 104.0f ? 104.0f : a), &exponent);
  float e = latent_scale(1.0f + latent_expm1_reduced(r), exponent);
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

// MARK: Logarithms

/// log(1 + f) + exponent * log 2 for -1/3 <= f < 1/3.
LATENT_INLINE float latent_log_reduced(float f, float exponent) {
  float p = -0x1.080552p-3f;
  p = p * f + 0x1.1e66d0p-3f;
  p = p * f - 0x1.f31154p-4f;
  p = p * f + 0x1.1ed712p-3f;
  p = p * f - 0x1.559dcap-3f;
  p = p * f + 0x1.99d028p-3f;
  p = p * f - 0x1.fffef0p-3f;
  p = p * f + 0x1.555506p-2f;
  float square = f * f;
  float small = (p * f - 0.5f) * square + exponent * LATENT_LOG2_LOW;
  return exponent * LATENT_LOG2_HIGH + (small + f);
}

/// Splits a positive normal number into 2^exponent times a number in [2/3, 4/3), which it returns.
LATENT_INLINE float latent_split_exponent(float x, int32_t *exponent) {
  int32_t e = (latent_bits(x) - 0x3f2aaaab) >> 23;
  *exponent = e;
  return latent_from_bits((int32_t)((uint32_t)latent_bits(x) - ((uint32_t)e << 23)));
}

/// log of a positive normal number, nothing else.
LATENT_INLINE float latent_log_normal(float x) {
  int32_t exponent;
  float m = latent_split_exponent(x, &exponent);
  return latent_log_reduced(m - 1.0f, (float)exponent);
}

LATENT_INLINE float latent_log(float x) {
  int is_denormal = x < 0x1p-126f;
  int32_t exponent;
  float m = latent_split_exponent(is_denormal ? x * 0x1p23f : x, &exponent);
  float result = latent_log_reduced(m - 1.0f, (float)exponent - (is_denormal ? 23.0f : 0.0f));
  result = x == 0.0f ? -INFINITY : result;
  result = x < INFINITY ? result : x;  // infinity and NaN
  return x < 0.0f ? NAN : result;
}

/// Reduces 1 + x without ever rounding it: m 2^-e + (2^-e - 1), where e comes from the rounded sum.
LATENT_INLINE float latent_log1p(float x) {
  int32_t e = (latent_bits(x + 1.0f) - 0x3f2aaaab) >> 23;
  float m = latent_from_bits((int32_t)((uint32_t)latent_bits(x) - ((uint32_t)e << 23)));
  int32_t scale_exponent = 127 - e;
  float scale = latent_from_bits((int32_t)((uint32_t)(scale_exponent < 0 ? 0 : scale_exponent) << 23));
  float result = latent_log_reduced(m + (scale - 1.0f), (float)e);
  result = latent_abs(x) < 0x1p-25f ? x : result;
  result = x == -1.0f ? -INFINITY : result;
  result = x < INFINITY ? result : x;
  return x < -1.0f ? NAN : result;
}

/// log(1 + e^x) = max(x, 0) + log(1 + e) with e = e^-|x| in [0, 1], where no special case of the logarithm can occur.
LATENT_INLINE float latent_softplus(float x) {
  int32_t exponent;
  float a = latent_abs(x);
  float r = latent_reduce_exponent(-(a > 104.0f ? 104.0f : a), &exponent);
  float e = latent_scale(1.0f + latent_expm1_reduced(r), exponent);
  int is_large = e >= 0x1.555556p-2f;
  float f = is_large ? 0.5f * e - 0.5f : e;
  return (x < 0.0f ? 0.0f : x) + latent_log_reduced(f, is_large ? 1.0f : 0.0f);
}

// MARK: Error function

/// Near zero x + x p(x^2); farther out 1 - 2^p(|x|), whose error shrinks with the tail.
LATENT_INLINE float latent_erf(float x) {
  float u = x * x;
  float s = 0x1.5e062ep-14f;
  s = s * u - 0x1.aaa2d8p-11f;
  s = s * u + 0x1.54d42ap-8f;
  s = s * u - 0x1.b80ff2p-6f;
  s = s * u + 0x1.ce2e1cp-4f;
  s = s * u - 0x1.812744p-2f;
  s = s * u + 0x1.06eba8p-3f;
  float near = x * s + x;

  float a = latent_abs(x);
  float t = a > 4.0f ? 4.0f : a;
  float p = -0x1.001adcp-15f;
  p = p * t + 0x1.493194p-11f;
  p = p * t - 0x1.8ab4aep-8f;
  p = p * t + 0x1.28fbe8p-5f;
  p = p * t - 0x1.3ff834p-3f;
  p = p * t - 0x1.d3d1a4p-1f;
  p = p * t - 0x1.a12a74p+0f;
  p = p * t + 0x1.0a0eaap-12f;
  float far = 1.0f - latent_exp_moderate(p * 0x1.62e43p-1f);
  return a < 0.925f ? near : latent_with_sign_of(far, x);
}

// MARK: Powers

/// log2 in double precision, to 3e-11 relative, of a positive finite number.
LATENT_INLINE double latent_log2_double(float x) {
  int is_denormal = x < 0x1p-126f;
  int32_t exponent;
  float m = latent_split_exponent(is_denormal ? x * 0x1p23f : x, &exponent);
  double f = (double)m - 1.0;
  double p = 0x1.4b9fa052cc716p-3;
  p = p * f - 0x1.542d9d95ef7c3p-3;
  p = p * f + 0x1.f420a725be5aep-4;
  p = p * f - 0x1.1985a11c0b5bbp-3;
  p = p * f + 0x1.49e11e91220a1p-3;
  p = p * f - 0x1.724a671fc8759p-3;
  p = p * f + 0x1.a605a42b0d06cp-3;
  p = p * f - 0x1.ec687c36d75d4p-3;
  p = p * f + 0x1.2776f48d4b238p-2;
  p = p * f - 0x1.715484f938b25p-2;
  p = p * f + 0x1.ec709d6332f17p-2;
  p = p * f - 0x1.7154764b34b1ep-1;
  p = p * f + 0x1.71547652c0525p0;
  return p * f + (double)(exponent - (is_denormal ? 23 : 0));
}

/// 2^(y log2 |x|), then the special values of C's pow.
LATENT_INLINE float latent_power(float x, float y) {
  float a = latent_abs(x);
  double exponent = (double)y * latent_log2_double(a);
  // Zero and infinity: any logarithm of the right sign, large enough to overflow or underflow with any y but 0.
  exponent = a == 0.0f ? (double)y * -0x1p300 : exponent;
  exponent = a == INFINITY ? (double)y * 0x1p300 : exponent;
  exponent = exponent < -160.0 ? -160.0 : exponent;
  exponent = exponent > 130.0 ? 130.0 : exponent;
  double shifted = exponent + 0x1.8p52;
  float r = (float)(exponent - (shifted - 0x1.8p52));
  int64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  int32_t whole = (((int32_t)bits & 0x3ff) ^ 0x200) - 0x200;
  float result = latent_scale(LATENT_EXP2_REDUCED(r), whole);

  // Every float from 2^24 on is an even integer.
  float b = latent_abs(y);
  b = b < 0x1p24f ? b : 0x1p24f;
  int32_t integer = (int32_t)b;
  int is_integer = (float)integer == b;
  int is_odd = is_integer & (integer & 1);
  result = a == 1.0f ? 1.0f : result;
  int32_t sign = is_odd ? latent_bits(x) & INT32_MIN : 0;
  result = latent_from_bits(latent_bits(result) ^ sign);
  result = ((x < 0.0f) & (a < INFINITY) & !is_integer) ? NAN : result;
  result = ((x == x) & (y == y)) ? result : NAN;
  return ((x == 1.0f) | (y == 0.0f)) ? 1.0f : result;
}

// MARK: Half precision

/// The upper 16 bits of x rounded to the nearest bfloat16, ties to even, in their place; NaN stays NaN.
LATENT_INLINE int32_t latent_round_to_bf16_bits(float x) {
  uint32_t bits = (uint32_t)latent_bits(x);
  uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  uint32_t kept = x == x ? rounded : bits | 0x400000u;
  return (int32_t)(kept & 0xffff0000u);
}

#include "VectorTrigonometry.h"

#endif
