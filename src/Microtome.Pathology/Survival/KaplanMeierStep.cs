namespace Microtome.Pathology;

/// <summary>The survival curve from one time on.</summary>
/// <param name="Time">A time at which somebody has the event or is censored.</param>
/// <param name="AtRisk">Subjects under observation just before it.</param>
/// <param name="Events">Events at it.</param>
/// <param name="Censored">Subjects censored at it.</param>
/// <param name="Survival">Probability to survive beyond it.</param>
/// <param name="StandardError">Greenwood's standard error of <paramref name="Survival"/>.</param>
/// <param name="Lower">Lower end of the 95 % interval, made on the scale of the logarithm.</param>
/// <param name="Upper">Upper end.</param>
public readonly record struct KaplanMeierStep(double Time, int AtRisk, int Events, int Censored, double Survival, double StandardError, double Lower, double Upper);
