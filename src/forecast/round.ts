/** A number for a sentence: four significant digits, without trailing zeros. */
export const roundTo4 = (value: number): string => String(Number(value.toPrecision(4)));
