using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microtome.Imaging;
using Microtome.Learning;
using Microtome.Learning.Models;

namespace Microtome.Pathology;

/// <summary>
/// Classifies the patches of the tissue for one task. Blocks of patches go through the walk into a journal, and from there into the table; a run that was killed goes
/// on with the block that follows the journal, so that the table is that of an undisturbed run.
/// </summary>
internal sealed class PatchStep(SlideJob job, PatchMapModel model, Func<IPatchNetwork> open)
{
    public string Name => model.Task.Name;

    public string CsvName => Name + ".csv";

    public string GeoJsonName => Name + ".geojson";

    public string PictureName => Name + ".png";

    private string JournalName => Name + ".journal";

    public PatchResult Run(TissueResult tissue)
    {
        int width = model.Config.ReadSide(job.PixelSize.X), height = model.Config.ReadSide(job.PixelSize.Y);
        string key = job.Key("patches/1", model.Config.ToJson(), model.Sha256, model.Activation, tissue.OutlineSha256, width, height, job.Settings.Device);
        if (job.Folder.WhyOutdated(Name, key) is { } why)
        {
            job.SayWhy(Name, why);
            Classify(tissue, width, height, key);
        }

        var result = new PatchResult(model, job.Folder.PathOf(CsvName), job.Folder[Name]!.Outputs.First(o => o.Name == CsvName).Sha256);
        job.Derive(Name + "-picture", wanted: true, job.Key("patch-picture/1", result.Sha256, model.PositiveClass), () =>
        {
            ImageFile.WritePng(job.Folder.PathOf(PictureName), MapPicture.Probability(job, result), MapPicture.Compression);
            return [PictureName];
        });
        job.Derive(Name + "-geojson", job.Settings.GeoJson, job.Key("patch-geojson/1", result.Sha256), () =>
        {
            PatchFiles.WriteGeoJson(job.Folder.PathOf(GeoJsonName), result.Table, $"{job.Slide.Name}/{Name}");
            return [GeoJsonName];
        });
        return result;
    }

    private void Classify(TissueResult tissue, int width, int height, string key)
    {
        long start = job.Clock.GetTimestamp();
        var level0 = job.Slide.Levels[0];
        var grid = PatchGrid.Over(level0.Width, level0.Height, width, height, tissue.Mask.Contains);
        var classes = model.Config.ClassNames;
        float[] probabilities = new float[grid.Patches.Count * classes.Count];
        WalkReport? report = null;
        int before;
        string journalPath = Path.Combine(job.Folder.WorkFolder, JournalName);
        using (var journal = TileJournal.Open(journalPath, key))
        {
            before = Math.Min(journal.Count, grid.Blocks.Count);
            if (before > 0)
                job.Log.Say($"{job.Slide.Name}: {before:N0} of {grid.Blocks.Count:N0} blocks of patches were done by an earlier run.");
            if (before < grid.Blocks.Count)
            {
                var network = open();
                var walk = new PatchWalk(grid, job.Slide, network, Math.Clamp(job.Settings.Threads, 1, 8), job.Settings.PatchBatchSize, before, job.Clock);
                try
                {
                    report = job.Log.Watch($"{job.Slide.Name}: {Name}", progress => walk.Run((_, answers) => journal.Append(MemoryMarshal.AsBytes<float>(answers)), progress, job.Cancellation));
                }
                catch (ModelException exception)
                {
                    // The model is open and has passed its tests: what it cannot answer is this slide, and the others are still done.
                    throw new SlideException($"{job.Slide.Path}: {exception.Message}", exception);
                }
            }

            int block = 0;
            foreach (byte[] record in journal.Read())
            {
                var answers = MemoryMarshal.Cast<byte, float>(record);
                var patches = grid.Blocks[block++].Patches;
                for (int i = 0; i < patches.Count; i++)
                    answers.Slice(i * classes.Count, classes.Count).CopyTo(probabilities.AsSpan(patches[i] * classes.Count));
            }

            PatchFiles.WriteCsv(job.Folder.PathOf(CsvName), classes, grid.Patches, probabilities);
        }

        var details = new JsonObject
        {
            ["model"] = model.Name,
            ["weights_sha256"] = model.Sha256,
            ["threshold"] = model.Threshold,
            ["patches"] = grid.Patches.Count,
            ["patch_width_px"] = width,
            ["patch_height_px"] = height,
            ["patch_um"] = model.Config.PatchUm,
            ["blocks_of_earlier_runs"] = before,
            ["seconds"] = job.Since(start),
        };
        if (report is not null)
        {
            details["walk_s"] = Math.Round(report.WallSeconds, 3);
            details["stages"] = SlideJob.Stages(report);
        }

        job.Folder.Finish(Name, key, [CsvName], details);
        File.Delete(journalPath);
    }
}
