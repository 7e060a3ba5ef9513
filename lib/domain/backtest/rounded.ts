/** Nine digits after the point: all that a figure of statistics is good for, and the same in every engine. */
export const rounded = (value: number): number => Math.round(value * 1e9) / 1e9
