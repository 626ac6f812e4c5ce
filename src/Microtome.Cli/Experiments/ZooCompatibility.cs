using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;
using Microtome.Pathology;

namespace Microtome.Cli;

/// <summary>
/// E4 of the tumor and lymphocyte maps: model folders in the WSInfer zoo's layout (<c>samples/zoo</c>, a tiny TorchScript network of two classes and one of one class) against what the loop of WSInfer
/// answered on the same patches of the bundled slide (<c>expected.csv</c>, written by bench/peers/classify_wsinfer.py).
/// </summary>
internal static class ZooCompatibility
{
    /// <summary>What came of one folder.</summary>
    /// <param name="Name">Its task.</param>
    /// <param name="Patches">Patches compared.</param>
    /// <param name="Difference">Largest difference of a probability.</param>
    /// <param name="SameTable">Columns, places and sizes are those of the loop, and what is written is what is read back.</param>
    /// <param name="ConfigReturns">config.json survives reading and writing.</param>
    public sealed record Comparison(string Name, int Patches, double Difference, bool SameTable, bool ConfigReturns);

    /// <summary>Compares one folder.</summary>
    /// <param name="task">til (two classes, 0.499 um per pixel) or tumor (one class, 0.2325 um per pixel).</param>
    /// <param name="mpp">Microns per pixel that the slide is said to have.</param>
    public static Comparison Run(string task, double mpp)
    {
        string folder = Installation.PathOf("samples", "zoo", task), golden = Path.Combine(folder, "expected.csv");
        var model = PatchModel.Find(folder);
        var expected = PatchTable.Read(golden);
        int side = model.Config.ReadSide(mpp), classes = model.Config.ClassNames.Count;
        using var slide = Slide.Open(Installation.PathOf("samples", "cmu-1-small-region.svs"));
        var level0 = slide.Levels[0];
        // Over the border OpenSlide in Python reads black and we read glass: those patches are not the same picture.
        var places = Enumerable.Range(0, expected.Count).Where(i => expected.CentreX[i] + (side / 2.0) <= level0.Width && expected.CentreY[i] + (side / 2.0) <= level0.Height).ToList();
        var centres = places.Select(i => new Level0Point(expected.CentreX[i], expected.CentreY[i])).ToHashSet();
        var grid = PatchGrid.Over(level0.Width, level0.Height, side, side, centres.Contains);
        float[] answers = new float[grid.Patches.Count * classes];
        using (var network = PatchClassifier.Open(model))
        {
            new PatchWalk(grid, slide, network, readers: 1, batchSize: 16).Run((block, values) =>
            {
                for (int i = 0; i < block.Patches.Count; i++)
                    values.AsSpan(i * classes, classes).CopyTo(answers.AsSpan(block.Patches[i] * classes));
            }, null, CancellationToken.None);
        }

        string written = Path.Combine(Directory.CreateTempSubdirectory("microtome-zoo-").FullName, task + ".csv");
        PatchTable table;
        bool sameHeader;
        try
        {
            PatchFiles.WriteCsv(written, model.Config.ClassNames, grid.Patches, answers);
            table = PatchTable.Read(written);
            sameHeader = File.ReadLines(written).First() == File.ReadLines(golden).First();
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(written)!, recursive: true);
        }

        var truth = places.ToDictionary(i => (expected.CentreX[i], expected.CentreY[i]));
        double difference = 0;
        for (int i = 0; i < table.Count; i++)
        {
            int other = truth[(table.CentreX[i], table.CentreY[i])];
            for (int k = 0; k < classes; k++)
                difference = Math.Max(difference, Math.Abs(table.Probabilities[(i * classes) + k] - expected.Probabilities[(other * classes) + k]));
        }

        string config = model.Config.ToJson();
        return new Comparison(
            task,
            table.Count,
            difference,
            sameHeader && table.Count == places.Count && table.PatchWidth == expected.PatchWidth && table.PatchHeight == expected.PatchHeight && expected.PatchWidth == side,
            PatchModelConfig.Parse(config, "config.json").ToJson() == config);
    }
}
