/** Whether all values are one and the same. */
export const isConstant = (values: Float64Array): boolean => values.every((value) => value === values[0]);
