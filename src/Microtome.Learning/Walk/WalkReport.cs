namespace Microtome.Learning;

/// <summary>What a walk did and where its time went.</summary>
public sealed record WalkReport
{
    /// <summary>Wall time, seconds.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>The stages in the order of the flow.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }

    /// <summary>Tiles of the whole plan.</summary>
    public required int Tiles { get; init; }

    /// <summary>Tiles that were already done.</summary>
    public required int TilesBefore { get; init; }

    /// <summary>Blocks that the network ran on.</summary>
    public required int Blocks { get; init; }

    /// <summary>Pixels that the network saw.</summary>
    public required long NetworkPixels { get; init; }

    /// <summary>Blocks that went through the temporary file.</summary>
    public required int BlocksSpilled { get; init; }
}
