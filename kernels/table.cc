/** The kernels of one instruction set. */
#include "kernels.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define STRING_(a) #a
#define STRING(a) STRING_(a)

namespace refrain {
namespace REFRAIN_ISA {

RecurrentSizes recurrentSizes(const RecurrentShape&);
void recurrentForward(const RecurrentForward&, const Team&);
void recurrentBackward(const RecurrentBackward&, const Team&);
double matmulWorkspace(const Matmul&);
void matmul(const Matmul&, const Team&);
void copy(const Copy&);
void unary(Unary, const float*, float*, intptr_t);
void binary(Binary, Rows, Rows, float*, intptr_t, intptr_t, intptr_t);
void accumulate(const float*, float, float*, intptr_t);
void sum(const float*, float*, intptr_t, intptr_t, intptr_t);
void softmax(const float*, float*, intptr_t, intptr_t, bool);
double squaredErrorSum(const float*, const float*, intptr_t);
double squaredNorm(const float*, intptr_t);
void sgd(const Sgd&, float*, const float*, float*, intptr_t);
void adam(const Adam&, float*, const float*, float*, float*, intptr_t);

const Kernels table = {
    STRING(REFRAIN_ISA), recurrentSizes, recurrentForward, recurrentBackward, matmulWorkspace, matmul, copy, unary,
    binary,              accumulate,     sum,              softmax,           squaredErrorSum, squaredNorm, sgd, adam,
};

}  // namespace REFRAIN_ISA

extern const Kernels* const JOIN(kernels_, REFRAIN_ISA);
const Kernels* const JOIN(kernels_, REFRAIN_ISA) = &REFRAIN_ISA::table;

}  // namespace refrain
