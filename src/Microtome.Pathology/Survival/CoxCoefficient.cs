namespace Microtome.Pathology;

/// <summary>One line of a Cox model.</summary>
/// <param name="Name">Covariate, or covariate and level.</param>
/// <param name="Beta">Logarithm of the hazard ratio per unit.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="P">Wald p value.</param>
public sealed record CoxCoefficient(string Name, double Beta, double StandardError, double P)
{
    private const double Normal975 = 1.959963984540054;

    /// <summary>Hazard ratio per unit.</summary>
    public double HazardRatio => Math.Exp(Beta);

    /// <summary>Lower end of its 95 % interval.</summary>
    public double Lower => Math.Exp(Beta - (Normal975 * StandardError));

    /// <summary>Upper end of its 95 % interval.</summary>
    public double Upper => Math.Exp(Beta + (Normal975 * StandardError));

    /// <summary>Beta over its standard error.</summary>
    public double Z => Beta / StandardError;
}
