namespace Microtome.Imaging;

/// <summary>How a threshold is read off a histogram.</summary>
public enum TissueThresholdRule
{
    /// <summary>The cut with the largest variance between both sides (Otsu, IEEE Trans SMC 9:62, 1979): for two clear groups.</summary>
    Otsu,

    /// <summary>The bin farthest from the line between the peak and the far end (Zack, Rogers and Latt, J Histochem Cytochem 25:741, 1977): for one large peak with a tail.</summary>
    Triangle,
}
