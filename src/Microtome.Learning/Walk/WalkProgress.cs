namespace Microtome.Learning;

/// <summary>How far a walk is.</summary>
/// <param name="Done">Pixels that the network has seen.</param>
/// <param name="Total">Pixels that it will see.</param>
/// <param name="Tiles">Tiles written, those of an earlier run included.</param>
/// <param name="TotalTiles">Tiles of the plan.</param>
/// <param name="Elapsed">Time since the walk began.</param>
public readonly record struct WalkProgress(long Done, long Total, int Tiles, int TotalTiles, TimeSpan Elapsed)
{
    /// <summary>Share of the work that is done, 0 to 1.</summary>
    public double Share => Total == 0 ? 1 : (double)Done / Total;

    /// <summary>Megapixels per second so far.</summary>
    public double Rate => Elapsed.TotalSeconds > 0 ? Done / 1e6 / Elapsed.TotalSeconds : 0;

    /// <summary>Time that is left at this rate; null before the first block.</summary>
    public TimeSpan? Remaining => Done == 0 ? null : Elapsed * ((double)(Total - Done) / Done);
}
