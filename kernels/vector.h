/**
 * Vectors of VL floats: one spelling for AVX-512, AVX2, SSE2, NEON and WASM, by the vector extensions of GCC and Clang.
 *
 * Every file that includes this one is compiled once per instruction set, with REFRAIN_ISA as its name and VB as the bytes
 * of a vector; everything in it lives in a namespace of that name. There is no fast-math, and the compiler may not
 * contract: a fused multiply-add happens where `fma` is written and nowhere else, so that a value does not depend on which
 * of several copies of a loop computed it.
 */
#pragma once
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__wasm__)
#include <wasm_simd128.h>
#endif

#define INLINE static inline __attribute__((always_inline))

namespace refrain {
namespace REFRAIN_ISA {

typedef intptr_t Index;
constexpr int VL = VB / 4;

typedef float Vec __attribute__((vector_size(VB)));
typedef int32_t IntVec __attribute__((vector_size(VB)));
typedef float LooseVec __attribute__((vector_size(VB), aligned(4), may_alias));

INLINE Vec splat(float x) { return x - (Vec){}; }
INLINE Vec load(const float* p) { return (Vec) * (const LooseVec*)p; }
INLINE void store(float* p, Vec v) { *(LooseVec*)p = (LooseVec)v; }
INLINE void clear(void* p, Index bytes) { __builtin_memset(p, 0, bytes); }
INLINE void copyBytes(void* to, const void* from, Index bytes) { __builtin_memcpy(to, from, bytes); }

/** The first n lanes (0 … VL) from p, zeros behind them; nothing beyond p + n is touched. */
INLINE Vec loadPart(const float* p, Index n) {
  if (n >= VL) return load(p);
#if VB == 64
  return (Vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#elif VB == 32
  const IntVec lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return (Vec)_mm256_maskload_ps(p, (__m256i)(lane < (int32_t)n));
#else
  Vec v = {};
  for (Index l = 0; l < n; l++) v[l] = p[l];
  return v;
#endif
}

/** The first n lanes (0 … VL) to p. */
INLINE void storePart(float* p, Vec v, Index n) {
  if (n >= VL) return store(p, v);
#if VB == 64
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#elif VB == 32
  const IntVec lane = {0, 1, 2, 3, 4, 5, 6, 7};
  _mm256_maskstore_ps(p, (__m256i)(lane < (int32_t)n), (__m256)v);
#else
  for (Index l = 0; l < n; l++) p[l] = v[l];
#endif
}

#if VB == 64 || defined(__FMA__) || defined(__aarch64__)
#define REFRAIN_FUSED
#endif

/** a·b + c, rounded once where the processor can. */
INLINE Vec fma(Vec a, Vec b, Vec c) {
#if VB == 64
  return (Vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif VB == 32 && defined(__FMA__)
  return (Vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (Vec)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__wasm_relaxed_simd__)
  return (Vec)__builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return a * b + c;
#endif
}

/** The smaller of x and `bound`, where a NaN in x stays a NaN. */
INLINE Vec atMost(Vec x, float bound) {
#if VB == 64
  return (Vec)_mm512_min_ps((__m512)splat(bound), (__m512)x);
#elif VB == 32
  return (Vec)_mm256_min_ps((__m256)splat(bound), (__m256)x);
#elif defined(__x86_64__)
  return (Vec)_mm_min_ps((__m128)splat(bound), (__m128)x);
#elif defined(__wasm__)
  return (Vec)wasm_f32x4_pmin((v128_t)x, (v128_t)splat(bound));
#else
  Vec b = splat(bound);
  return b < x ? b : x;
#endif
}

/** The larger of x and `bound`, where a NaN in x stays a NaN. */
INLINE Vec atLeast(Vec x, float bound) {
#if VB == 64
  return (Vec)_mm512_max_ps((__m512)splat(bound), (__m512)x);
#elif VB == 32
  return (Vec)_mm256_max_ps((__m256)splat(bound), (__m256)x);
#elif defined(__x86_64__)
  return (Vec)_mm_max_ps((__m128)splat(bound), (__m128)x);
#elif defined(__wasm__)
  return (Vec)wasm_f32x4_pmax((v128_t)x, (v128_t)splat(bound));
#else
  Vec b = splat(bound);
  return b > x ? b : x;
#endif
}

/**
 * N vectors for which each operation is done before the next. A formula is a chain of instructions that wait for one another; N such
 * chains, side by side, keep the processor busy, where one after the other they lie too far apart for it to see.
 */
template <int N>
struct Vecs {
  Vec v[N];
};

/** The i-th of several vectors; a single one stands for all. */
template <int N>
INLINE Vec at(const Vecs<N>& x, int i) {
  return x.v[i];
}
INLINE Vec at(Vec x, int) { return x; }

template <int N, class F>
INLINE Vecs<N> each(F f) {
  Vecs<N> out;
#pragma GCC unroll 8
  for (int i = 0; i < N; i++) out.v[i] = f(i);
  return out;
}

#define OPERATOR(op)                                                                          \
  template <int N, class Y>                                                                   \
  INLINE Vecs<N> operator op(const Vecs<N>& x, const Y& y) {                                  \
    return each<N>([&](int i) __attribute__((always_inline)) { return x.v[i] op at(y, i); }); \
  }
OPERATOR(+)
OPERATOR(-)
OPERATOR(*)
#undef OPERATOR

template <int N, class Y, class Z>
INLINE Vecs<N> fma(const Vecs<N>& x, const Y& y, const Z& z) {
  return each<N>([&](int i) __attribute__((always_inline)) { return fma(x.v[i], at(y, i), at(z, i)); });
}
template <int N>
INLINE Vecs<N> atMost(const Vecs<N>& x, float bound) {
  return each<N>([&](int i) __attribute__((always_inline)) { return atMost(x.v[i], bound); });
}
template <int N>
INLINE Vecs<N> atLeast(const Vecs<N>& x, float bound) {
  return each<N>([&](int i) __attribute__((always_inline)) { return atLeast(x.v[i], bound); });
}

/** 2^n of a float whose low bits are n + 127. */
INLINE Vec powerOfLowBits(Vec x) { return (Vec)((IntVec)x << 23); }
template <int N>
INLINE Vecs<N> powerOfLowBits(const Vecs<N>& x) {
  return each<N>([&](int i) __attribute__((always_inline)) { return powerOfLowBits(x.v[i]); });
}

INLINE Vec absolute(Vec x) { return (Vec)((IntVec)x & 0x7fffffff); }
INLINE Vec select(IntVec condition, Vec x, Vec y) { return (Vec)((condition & (IntVec)x) | (~condition & (IntVec)y)); }

INLINE Vec squareRoot(Vec x) {
#if VB == 64
  return (Vec)_mm512_sqrt_ps((__m512)x);
#elif VB == 32
  return (Vec)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__)
  return (Vec)_mm_sqrt_ps((__m128)x);
#elif defined(__wasm__)
  return (Vec)wasm_f32x4_sqrt((v128_t)x);
#else
  return (Vec)vsqrtq_f32((float32x4_t)x);
#endif
}

/**
 * x, or zero where it is so small that a product with it might be denormal. WASM alone needs it, as it cannot set denormals to zero: the
 * states of a pass and their gradients go through it. NaN stays.
 */
INLINE Vec withoutTiny(Vec x) {
#if defined(__wasm__)
  const Vec tiny = splat(0x1p-100f);
  return (Vec)((IntVec)x & ~(absolute(x) < tiny));
#else
  return x;
#endif
}

/** x, or zero where it is denormal: the same for numbers that are kept for long and only ever added to others. */
INLINE Vec withoutDenormals(Vec x) {
#if defined(__wasm__)
  const Vec normal = splat(0x1p-126f);
  return (Vec)((IntVec)x & ~(absolute(x) < normal));
#else
  return x;
#endif
}

/** The sum of the lanes, in halves: the order depends on nothing but VL. */
INLINE float sumLanes(Vec v) {
  float lanes[VL];
  store(lanes, v);
  for (int width = VL / 2; width > 0; width /= 2)
    for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
  return lanes[0];
}

INLINE int ceilDiv(Index a, Index b) { return (int)((a + b - 1) / b); }
INLINE Index smaller(Index a, Index b) { return a < b ? a : b; }
INLINE Index larger(Index a, Index b) { return a > b ? a : b; }

/**
 * Sets denormals to zero while it lives: a state that decays reaches them, and each costs a hundred times a normal number. WASM has no such
 * setting; see `withoutTiny`.
 */
struct FlushDenormals {
#if defined(__x86_64__)
  unsigned before = _mm_getcsr();
  FlushDenormals() { _mm_setcsr(before | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before); }
#elif defined(__aarch64__)
  uint64_t before;
  FlushDenormals() {
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" ::"r"(before | (1u << 24)));
  }
  ~FlushDenormals() { __asm__ volatile("msr fpcr, %0" ::"r"(before)); }
#else
  FlushDenormals() {}
#endif
};

}  // namespace REFRAIN_ISA
}  // namespace refrain
