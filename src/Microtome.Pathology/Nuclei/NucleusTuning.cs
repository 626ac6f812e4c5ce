using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Pathology;

/// <summary>
/// Chooses post-processing parameters on labelled pictures by coordinate search: each parameter in turn takes the value of its ladder that gives the best
/// mean of AJI and PQ, until a round changes nothing. Only for validation pictures; test pictures are scored, never tuned on.
/// </summary>
public static class NucleusTuning
{
    private const int Rounds = 3;

    private static readonly (string Name, double[] Ladder, Func<NucleusPostprocessingOptions, double, NucleusPostprocessingOptions> With)[] Parameters =
    [
        ("foreground_threshold", [0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85], (o, v) => o with { ForegroundThreshold = v }),
        ("distance_sigma", [0.5, 1.0, 1.5, 2.0, 2.5, 3.0], (o, v) => o with { DistanceSigma = v }),
        ("marker_dynamics", [0.03, 0.05, 0.07, 0.09, 0.12, 0.15, 0.20], (o, v) => o with { MarkerDynamics = v }),
        ("contact_weight", [0, 0.25, 0.5, 0.75, 1], (o, v) => o with { ContactWeight = v }),
        ("foreground_weight", [0, 0.15, 0.3], (o, v) => o with { ForegroundWeight = v }),
        ("marker_minimum", [0.1, 0.2, 0.3, 0.4], (o, v) => o with { MarkerMinimum = v }),
        ("min_marker_area", [4, 12, 24], (o, v) => o with { MinMarkerArea = (int)v }),
        ("min_area", [20, 40, 60, 80, 100, 120], (o, v) => o with { MinArea = (int)v }),
        ("min_probability", [0.5, 0.6, 0.7], (o, v) => o with { MinProbability = v }),
    ];

    /// <summary>Runs the search.</summary>
    /// <returns>The best options and their mean scores.</returns>
    public static (NucleusPostprocessingOptions Options, NucleusScores Scores) Run(string model, IReadOnlyList<ManifestRow> rows, int flips, NetworkPrecision precision, Action<string> log)
    {
        using var network = NucleusNetwork.Open(model, flips: flips, precision: precision);
        var segmenter = new NucleusFieldSegmenter(network, network.Postprocessing);
        var fields = rows.Select(row => (Truth: LabelImage.Read(row.Mask), Maps: segmenter.Predict(ImageFile.ReadRgb(row.Image)))).ToList();
        var best = network.Postprocessing;
        var scores = Score(fields, best);
        log(Line("as it stands", scores));
        for (var round = 0; round < Rounds; round++)
        {
            var before = best;
            foreach (var (name, ladder, with) in Parameters)
            {
                foreach (var value in ladder)
                {
                    var options = with(best, value);
                    if (options == best)
                        continue;
                    var candidate = Score(fields, options);
                    if (candidate.Aji + candidate.Pq <= scores.Aji + scores.Pq)
                        continue;
                    (best, scores) = (options, candidate);
                    log(Line(string.Create(CultureInfo.InvariantCulture, $"{name} {value}"), scores));
                }
            }

            if (best == before)
                break;
        }

        return (best, scores);
    }

    private static NucleusScores Score(List<(Raster<int> Truth, ByteMaps Maps)> fields, NucleusPostprocessingOptions options) =>
        NucleusScores.Mean([.. fields.AsParallel().AsOrdered().Select(field => NucleusMetrics.Evaluate(field.Truth, new NucleusWatershed(options).Segment(field.Maps)))]);

    private static string Line(string what, NucleusScores scores) =>
        string.Create(CultureInfo.InvariantCulture, $"{what,-28} dice {scores.Dice:F4}  aji {scores.Aji:F4}  pq {scores.Pq:F4}  dq {scores.Dq:F4}  sq {scores.Sq:F4}");
}
