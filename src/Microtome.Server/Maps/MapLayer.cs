namespace Microtome.Server;

/// <summary>A map of patches as it lies on the slide. Cell (column, row) covers level-0 pixels [start + column * step, start + (column + 1) * step) along each axis.</summary>
/// <param name="Task">til or tumor.</param>
/// <param name="Title">For people.</param>
/// <param name="StartX">Level-0 pixels.</param>
/// <param name="StartY">Level-0 pixels.</param>
/// <param name="StepX">Level-0 pixels.</param>
/// <param name="StepY">Level-0 pixels.</param>
/// <param name="Columns">Cells along x.</param>
/// <param name="Rows">Cells along y.</param>
/// <param name="Threshold">A patch is positive from this probability on.</param>
/// <param name="ThresholdKnown">Whether the results, or the model that made them, say so; otherwise 0.5 stands for it.</param>
public sealed record MapLayer(string Task, string Title, double StartX, double StartY, double StepX, double StepY, int Columns, int Rows, double Threshold, bool ThresholdKnown = true);
