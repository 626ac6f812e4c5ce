using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>til clusters</c>: how the lymphocyte patches of slides lie together.</summary>
internal static class TilClustersCommand
{
    private const int LeastPoints = 10, MostPoints = 10_000;

    private static readonly string[] s_columns =
    [
        "slideID", "n_TIL_patch", "n_tissue_patch", "TIL_share", "n_clusters", "cluster_size_mean", "cluster_size_sd", "dispersion_mean", "dispersion_sd", "extent_mean", "extent_sd",
        "Ball_Hall", "Banfield_Raftery", "C_index", "Det_Ratio", "Calinski_Harabasz", "Davies_Bouldin", "Dunn", "Ray_Turi", "Xie_Beni", "Log_SS_Ratio", "coarsened_by", "settled",
    ];

    public static Command Create()
    {
        var maps = new Argument<string[]>("MAP") { Description = "Lymphocyte tables, or combined maps (PNG).", Arity = ArgumentArity.OneOrMore };
        var tilCut = TilOptions.TilThreshold();
        var tilClass = TilOptions.TilClass();
        var points = new Option<int>("--points") { Description = $"Positive patches that are clustered as they are; with more, blocks of 2 x 2, 4 x 4 ... patches are (24 bytes a pair of them), {LeastPoints} to {MostPoints}.", HelpName = "N", DefaultValueFactory = static _ => TilClusters.StandardPoints };
        var members = new Option<string?>("--members") { Description = "CSV to write with the cluster of each patch, column and row of the map's grid.", HelpName = "FILE" };
        var command = new Command("clusters", "Clusters of lymphocyte patches by affinity propagation, with the indices of their compactness, a row a slide (-o FILE.csv).") { maps, tilCut, tilClass, points, members };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(CommonSettings.From(parsed), parsed.GetValue(maps)!, parsed.GetValue(tilCut), parsed.GetValue(tilClass), Points(parsed.GetValue(points)), parsed.GetValue(members), cancellation), cancellation));
        return command;
    }

    private static int Points(int points) => points is >= LeastPoints and <= MostPoints ? points : throw new UsageException($"--points {points}: it must lie in {LeastPoints} to {MostPoints}.");

    private static int Run(CommonSettings settings, string[] maps, double cut, string? tilClass, int points, string? members, CancellationToken cancellation)
    {
        var rows = new List<(string Slide, TilClusters Clusters)>();
        var failed = new JsonArray();
        var options = new AffinityPropagationOptions { Threads = settings.Threads };
        foreach (string path in maps)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                rows.Add((PatchTable.SlideOf(path), Read(path)));
                if (!rows[^1].Clusters.Settled)
                    Answer.Log($"microtome: {rows[^1].Slide}: the clusters did not settle in {options.MostRounds} rounds.");
            }
            catch (SlideException e)
            {
                if (maps.Length > 1)
                    Answer.Log($"microtome: {e.Message}");
                failed.Add(new JsonObject { ["name"] = path, ["error"] = e.Message });
            }
        }

        if (rows.Count == 0)
            throw new SlideException(maps.Length == 1 ? (string)failed[0]!["error"]! : $"None of the {maps.Length} maps could be read.");
        if (settings.Output is { } output)
            AtomicFile.WriteAllText(output, string.Join(',', s_columns) + "\n" + string.Concat(rows.Select(static r => string.Join(',', Cells(r.Slide, r.Clusters).Select(static c => c.Text)) + "\n")));
        if (members is not null)
            AtomicFile.WriteAllText(members, "slideID,column,row,cluster\n" + string.Concat(rows.SelectMany(static r => r.Clusters.Positives.Select((p, i) => string.Create(CultureInfo.InvariantCulture, $"{CsvTable.Quote(r.Slide)},{p.X},{p.Y},{r.Clusters.Labels[i]}\n")))));
        if (settings.Json)
        {
            Answer.Json(new JsonObject
            {
                ["slides"] = new JsonArray([.. rows.Select(static r => (JsonNode)new JsonObject(Cells(r.Slide, r.Clusters).Select(static (c, i) => KeyValuePair.Create(s_columns[i], c.Node))))]),
                ["errors"] = failed,
            });
        }
        else
        {
            foreach (var (slide, c) in rows)
                Answer.Line(string.Create(CultureInfo.InvariantCulture, $"{slide}: {c.Positives.Count} of {c.Tissue} patches with lymphocytes in {c.Exemplars.Count} clusters{(c.CoarsenedBy > 1 ? $" (of blocks of {c.CoarsenedBy} x {c.CoarsenedBy})" : string.Empty)}; Ball-Hall {TilTable.Number(c.Indices?.BallHall)}, Banfield-Raftery {TilTable.Number(c.Indices?.BanfieldRaftery)}, C index {TilTable.Number(c.Indices?.CIndex)}, determinant ratio {TilTable.Number(c.Indices?.DetRatio)}"));
        }

        return failed.Count == 0 ? ExitCode.Done : throw new PartialFailureException($"{failed.Count} of {maps.Length} maps could not be read; the others were clustered.");

        TilClusters Read(string path)
        {
            if (path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
                return TilClusters.Of(CombinedMap.Read(path), points, options, cancellation);
            var table = PatchTable.Read(path);
            return TilClusters.Of(PatchMap.From(table, table.ClassIndex(tilClass, "--til-class")), cut, points, options, cancellation);
        }
    }

    private static List<(string Text, JsonNode? Node)> Cells(string slide, TilClusters c)
    {
        var i = c.Indices;
        var (sizes, dispersions, extents) = c.PerCluster();
        (double? sizeMean, double? sizeSd) = Moments(sizes);
        (double? dispersionMean, double? dispersionSd) = Moments(dispersions);
        (double? extentMean, double? extentSd) = Moments(extents);
        double?[] numbers =
        [
            c.Positives.Count, c.Tissue, c.Share, c.Exemplars.Count, sizeMean, sizeSd, dispersionMean, dispersionSd, extentMean, extentSd,
            i?.BallHall, i?.BanfieldRaftery, i?.CIndex, i?.DetRatio, i?.CalinskiHarabasz, i?.DaviesBouldin, i?.Dunn, i?.RayTuri, i?.XieBeni, i?.LogSumsRatio, c.CoarsenedBy, c.Settled ? 1 : 0,
        ];
        return [(CsvTable.Quote(slide), slide), .. numbers.Select(static n => (TilTable.Number(n), n is { } value ? (JsonNode?)JsonValue.Create(value) : null))];
    }

    private static (double? Mean, double? Deviation) Moments(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return (null, null);
        double mean = values.Average();
        return (mean, values.Count > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)) : null);
    }
}
