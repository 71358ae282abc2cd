/**
 * Colours of machine types and of series, by index, the same in every picture: eight that stay apart for
 * colour-blind readers (after Okabe and Ito), dark enough on a light ground, light enough on a dark one.
 */
export const SERIES = {
  light: ["#0072b2", "#c77700", "#007f5f", "#a8477f", "#3a93c9", "#c2410c", "#77771f", "#882255"],
  dark: ["#4aa8dd", "#f0a33a", "#3fc39b", "#df8fbf", "#8fd0f5", "#ff8a5c", "#c9c95a", "#d98ab0"],
} as const;
