#ifndef LATENT_VECTOR_TRIGONOMETRY_H
#define LATENT_VECTOR_TRIGONOMETRY_H

// The functions of angles of VectorMath.h, which includes this.

/// sin(x + quarter_turns * pi / 2). The argument is reduced in double precision: right to the last places for |x| up
/// to 2^20, still to about 1e-7 absolute up to 2^28, and only bounded by 1 beyond. NaN at infinities.
LATENT_INLINE float latent_sine_shifted(float x, int64_t quarter_turns) {
  double shifted = (double)x * 0x1.45f306dc9c883p-1 + 0x1.8p52;
  double whole = shifted - 0x1.8p52;
  double reduced = (double)x - whole * 0x1.921fb544p0;
  float r = latent_clamp((float)(reduced - whole * 0x1.0b4611a626331p-34), -0.8f, 0.8f);
  int64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  int32_t quadrant = (int32_t)((uint64_t)bits + (uint64_t)quarter_turns);

  float u = r * r;
  float s = 0x1.6cd5ecp-19f;
  s = s * u - 0x1.a00f94p-13f;
  s = s * u + 0x1.111108p-7f;
  s = s * u - 0x1.555556p-3f;
  float sine = s * (u * r) + r;
  float c = 0x1.99ff3ep-16f;
  c = c * u - 0x1.6c0c82p-10f;
  c = c * u + 0x1.55554ap-5f;
  float cosine = c * (u * u) + (1.0f - 0.5f * u);
  float result = (quadrant & 1) ? cosine : sine;
  return latent_from_bits(latent_bits(result) ^ (int32_t)((uint32_t)(quadrant & 2) << 30));
}

LATENT_INLINE float latent_sine(float x) {
  float result = latent_sine_shifted(x, 0);
  return latent_abs(x) < 0x1p-13f ? x : result;  // keeps the sign of zero
}

LATENT_INLINE float latent_cosine(float x) { return latent_sine_shifted(x, 1); }

/// The angle of the point (x, y) in (-pi, pi], by the arctangent of the smaller coordinate's share of the larger one. A
/// remainder of a quarter or half turn is subtracted in two parts. Special values as C's atan2.
LATENT_INLINE float latent_arctangent2(float y, float x) {
  float a = latent_abs(x);
  float b = latent_abs(y);
  int is_steep = b > a;
  float larger = is_steep ? b : a;
  float q = (is_steep ? a : b) / (larger == 0.0f ? 1.0f : larger);
  q = a == b ? (a == 0.0f ? 0.0f : 1.0f) : q;
  float u = q * q;
  float p = 0x1.7ecfe4p-9f;
  p = p * u - 0x1.0c2b04p-6f;
  p = p * u + 0x1.61fd0ep-5f;
  p = p * u - 0x1.355668p-4f;
  p = p * u + 0x1.b4e10ap-4f;
  p = p * u - 0x1.230ad8p-3f;
  p = p * u + 0x1.9978f4p-3f;
  p = p * u - 0x1.5554dcp-2f;
  float angle = p * u * q + q;
  angle = is_steep ? (0x1.921fb6p0f - angle) - 0x1.777a5cp-25f : angle;
  angle = latent_bits(x) < 0 ? (0x1.921fb6p1f - angle) - 0x1.777a5cp-24f : angle;
  angle = latent_with_sign_of(angle, y);
  return ((x == x) & (y == y)) ? angle : NAN;
}

/// Cosine and sine of a number of turns in [0, 1]; the reduction is exact.
LATENT_INLINE void latent_cosine_sine_of_turns(float turns, float *cosine, float *sine) {
  float quarters = 4.0f * turns;
  float shifted = quarters + LATENT_ROUNDER;
  int32_t quadrant = latent_bits(shifted);
  float r = quarters - (shifted - LATENT_ROUNDER);
  float u = r * r;
  float s = -0x1.2d9bb8p-8f;
  s = s * u + 0x1.465ec6p-4f;
  s = s * u - 0x1.4abbbap-1f;
  s = s * u + 0x1.921fb6p0f;
  s = s * r;
  float c = 0x1.d9f7bcp-11f;
  c = c * u - 0x1.55c664p-6f;
  c = c * u + 0x1.03c1dep-2f;
  c = c * u - 0x1.3bd3ccp0f;
  c = c * u + 1.0f;
  float x = (quadrant & 1) ? s : c;
  float y = (quadrant & 1) ? c : s;
  *cosine = latent_from_bits(latent_bits(x) ^ (int32_t)((uint32_t)((quadrant + 1) & 2) << 30));
  *sine = latent_from_bits(latent_bits(y) ^ (int32_t)((uint32_t)(quadrant & 2) << 30));
}

#endif
