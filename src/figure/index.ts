/** Figures as Vega-Lite specs: pure functions from plain arrays to plain JSON. `refrain-render` makes pictures of them. */

export { type BoxFigureOptions, type BoxGroup, boxFigure } from "./box-figure.ts";
export { type AxesOptions, type Curve, FEW_POINTS, type Marker } from "./curves.ts";
export type { Figure, FigureOptions, Json, VegaLiteSpec } from "./figure.ts";
export { type ForecastData, type ForecastFigureOptions, forecastFigure } from "./forecast-figure.ts";
export { type GreyImage, type ImageGridOptions, imageGridFigure } from "./image-grid-figure.ts";
export { type LineFigureOptions, lineFigure } from "./line-figure.ts";
export { type LossData, type LossFigureOptions, lossFigure, WIDE_RANGE } from "./loss-figure.ts";
export { decimalsFor } from "./number-format.ts";
export { type PanelFigureOptions, panelFigure } from "./panel-figure.ts";
export { type PredictionData, type PredictionFigureOptions, predictionFigure } from "./prediction-figure.ts";
export { type ResidualFigureOptions, residualFigure } from "./residual-figure.ts";
export { type PointCloud, type ScatterFigureOptions, scatterFigure } from "./scatter-figure.ts";
export { type Score, type ScoreFigureOptions, scoreFigure } from "./score-figure.ts";
export { fontStack, palette, type Role } from "./theme.ts";
export { MAX_POINTS, thinOut } from "./thin-out.ts";
export { type UnrolledFigureOptions, type UnrolledStep, unrolledFigure } from "./unrolled-figure.ts";
export type { XLabel } from "./x-axis.ts";
