namespace Microtome.Pathology;

/// <summary>A colour scale of even perceived steps, readable by the colour-blind: the anchors of matplotlib's viridis, linearly joined.</summary>
public static class ColourScale
{
    private static readonly (byte R, byte G, byte B)[] s_anchors =
    [
        (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137), (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
    ];

    /// <summary>The colour of a share from 0 to 1.</summary>
    public static (byte R, byte G, byte B) At(double share)
    {
        double place = Math.Clamp(share, 0, 1) * (s_anchors.Length - 1);
        int below = Math.Min((int)place, s_anchors.Length - 2);
        double weight = place - below;
        var (a, b) = (s_anchors[below], s_anchors[below + 1]);
        return (Mix(a.R, b.R), Mix(a.G, b.G), Mix(a.B, b.B));

        byte Mix(byte from, byte to) => (byte)Math.Round(from + ((to - from) * weight));
    }
}
