using System.Diagnostics;
using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Pathology;

/// <summary>Scores of a nucleus model on labelled pictures.</summary>
/// <param name="Images">Scores by picture.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="SecondsPerMm2">Seconds of network and post-processing per mm2 of picture.</param>
public sealed record NucleusEvaluation(IReadOnlyList<(string Name, NucleusScores Scores)> Images, NucleusScores Mean, double SecondsPerMm2)
{
    /// <summary>Runs a model over the rows of a manifest.</summary>
    public static NucleusEvaluation Run(string model, IEnumerable<ManifestRow> rows, NucleusEvaluationOptions options, Action<string> log)
    {
        using var network = NucleusNetwork.Open(model, flips: options.Flips, precision: options.Precision);
        var segmenter = new NucleusFieldSegmenter(network, options.Postprocessing ?? network.Postprocessing);
        var results = new List<(string, NucleusScores)>();
        var clock = new Stopwatch();
        var area = 0.0;
        foreach (var row in rows)
        {
            var picture = ImageFile.ReadRgb(row.Image);
            var truth = LabelImage.Read(row.Mask);
            if (options.Reduce > 1)
                picture = picture.ReducedAndEnlarged(options.Reduce);
            clock.Start();
            var predicted = segmenter.Segment(picture);
            clock.Stop();
            area += picture.Width * (double)picture.Height * row.Mpp * row.Mpp * 1e-6;
            var scores = NucleusMetrics.Evaluate(truth, predicted);
            results.Add((row.Name, scores));
            log(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-28} dice {scores.Dice:F4}  aji {scores.Aji:F4}  pq {scores.Pq:F4}  dq {scores.Dq:F4}  sq {scores.Sq:F4}  f1 {scores.F1:F4}  {scores.PredictedObjects}/{scores.TruthObjects}"));
        }

        var mean = NucleusScores.Mean([.. results.Select(result => result.Item2)]);
        var seconds = clock.Elapsed.TotalSeconds / area;
        log(string.Create(CultureInfo.InvariantCulture,
            $"{"mean of " + results.Count,-28} dice {mean.Dice:F4}  aji {mean.Aji:F4}  pq {mean.Pq:F4}  dq {mean.Dq:F4}  sq {mean.Sq:F4}  f1 {mean.F1:F4}  {seconds:F2} s/mm2"));
        return new NucleusEvaluation(results, mean, seconds);
    }
}
