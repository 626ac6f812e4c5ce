namespace Microtome.Pathology;

/// <summary>A histogram to draw.</summary>
/// <param name="Title">What is counted.</param>
/// <param name="Axis">The x axis with its unit.</param>
/// <param name="Values">The counts.</param>
/// <param name="Bars">Bars to draw.</param>
public sealed record ReportDistribution(string Title, string Axis, Histogram Values, int Bars = 48);
