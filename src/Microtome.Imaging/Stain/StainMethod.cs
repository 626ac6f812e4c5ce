namespace Microtome.Imaging;

/// <summary>How the colours of a slide are described, so that they can be brought to those of another.</summary>
public enum StainMethod
{
    /// <summary>Fixed stain vectors; only the strength of each stain is fitted (Ruifrok and Johnston 2001).</summary>
    Ruifrok,

    /// <summary>Stain vectors from the extreme angles in the plane of the two largest principal components (Macenko et al., ISBI 2009).</summary>
    Macenko,

    /// <summary>Mean and deviation of the three l-alpha-beta channels (Reinhard et al., IEEE CG and A 21(5), 2001).</summary>
    Reinhard,

    /// <summary>Stain vectors by sparse non-negative matrix factorisation (Vahadane et al., IEEE TMI 35(8), 2016).</summary>
    Vahadane,
}
