using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>What <c>microtome analyze</c> is asked to do.</summary>
public sealed record AnalysisSettings
{
    /// <summary>The folder that receives one folder per slide.</summary>
    public required string Output { get; init; }

    /// <summary>Find nuclei. Default true; without it only tissue is found.</summary>
    public bool Nuclei { get; init; } = true;

    /// <summary>How tissue is found. Default resection.</summary>
    public TissueOptions Tissue { get; init; } = TissueOptions.Resection;

    /// <summary>Side of a tile at the model's pixel size, or null to choose it from the extent of the tissue.</summary>
    public int? TileSize { get; init; }

    /// <summary>Side of a cell of the network's lattice, pixels of the network; a multiple of 64. Default 768.</summary>
    public int BlockSize { get; init; } = 768;

    /// <summary>How far the network looks beyond what is kept of a window, pixels of the network. Default 64.</summary>
    public int NetworkHalo { get; init; } = 64;

    /// <summary>Threads. Default: every core.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Windows per call of the network. Default 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Patches per call of a patch classifier. Default 16.</summary>
    public int PatchBatchSize { get; init; } = 16;

    /// <summary>Where the network runs: cpu or cuda.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Also write nuclei.geojson.gz, til.geojson and tumor.geojson.</summary>
    public bool GeoJson { get; init; }

    /// <summary>Also write the polygon CSV of the QuIP set.</summary>
    public bool Quip { get; init; }

    /// <summary>Seed of the choice of crops.</summary>
    public long Seed { get; init; }

    /// <summary>The command line, for the provenance.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];
}
