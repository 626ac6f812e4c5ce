using System.Text.Json;
using System.Text.Json.Nodes;
using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>
/// Finds tissue, or honours an outline that was edited: a tissue.geojson that differs from what the program wrote is the user's and is never overwritten;
/// deleting it brings the found outline back.
/// </summary>
internal sealed class TissueStep(SlideJob job)
{
    public const string Name = "tissue";
    public const string OutlineName = "tissue.geojson";
    public const string PictureName = "tissue.png";
    public const string OverlayName = "tissue-overlay.jpg";
    public const string ThumbnailName = "thumbnail.jpg";
    private const int Thumbnail = 1280;

    public TissueResult Run()
    {
        string key = job.Key("tissue/1", JsonSerializer.Serialize(job.Settings.Tissue));
        string outline = job.Folder.PathOf(OutlineName);
        var record = job.Folder[Name];
        string? found = File.Exists(outline) ? InputFingerprint.Sha256(outline) : null;
        string? own = (string?)record?.Details["found_outline_sha256"];
        string? used = (string?)record?.Details["outline_sha256"];
        bool edited = found is not null && own is not null && found != own;
        string? why = job.Folder.WhyOutdated(Name, key);
        if (edited && record!.Key == key)
            why = found == used && new[] { PictureName, OverlayName, ThumbnailName }.All(n => File.Exists(job.Folder.PathOf(n))) ? null : $"{OutlineName} was edited";
        if (why is null)
            return Result(edited);
        job.SayWhy(Name, why);
        if (edited)
            job.Log.Say($"{job.Slide.Name}: the edited {OutlineName} is used as it is; delete it to have tissue found anew.");

        long start = job.Clock.GetTimestamp();
        var detected = TissueMask.Detect(job.Slide, job.Settings.Tissue, job.Settings.Threads, job.Cancellation);
        string fresh = Path.Combine(job.Folder.WorkFolder, "outline.tmp");
        detected.WriteGeoJson(fresh);
        string freshHash = InputFingerprint.Sha256(fresh);

        // Without a record the file may be ours (killed before it was noted) or the user's: only another content is the user's.
        if (found is not null && own is null && found != freshHash)
        {
            edited = true;
            job.Log.Say($"{job.Slide.Name}: {OutlineName} was there already and is used as it is; delete it to have tissue found.");
        }

        if (edited)
        {
            File.Delete(fresh);
        }
        else
        {
            // Forgotten first: killed between the two, the next run must not take the new outline for an edit of the old.
            job.Folder.Forget(Name);
            File.Move(fresh, outline, overwrite: true);
        }

        var tissue = edited ? TissueMask.FromGeoJson(job.Slide, outline, job.Settings.Tissue) : detected;
        tissue.WritePng(job.Folder.PathOf(PictureName));
        var thumbnail = job.Slide.Thumbnail(Thumbnail);
        ImageFile.WriteJpeg(job.Folder.PathOf(ThumbnailName), thumbnail, 88);
        ImageFile.WriteJpeg(job.Folder.PathOf(OverlayName), TissueOverlay.Draw(thumbnail, tissue));
        var notes = (edited ? tissue.Notes.Prepend("The tissue outline was edited by hand.") : detected.Notes).Select(n => JsonValue.Create(n));
        job.Folder.Finish(Name, key, [OutlineName, PictureName, OverlayName, ThumbnailName], new JsonObject
        {
            ["found_outline_sha256"] = freshHash,
            ["outline_sha256"] = InputFingerprint.Sha256(outline),
            ["preset"] = job.Settings.Tissue.Preset,
            ["threshold_od"] = detected.Threshold,
            ["pen_fraction"] = detected.Pen.Share,
            ["fold_fraction"] = detected.Folds.Share,
            ["blur_fraction"] = detected.Blur.Share,
            ["notes"] = new JsonArray([.. notes]),
            ["seconds"] = job.Since(start),
        });
        return Result(edited);
    }

    // Both outlines, found and edited, go through the file: what is analysed is what the file says.
    private TissueResult Result(bool edited)
    {
        string outline = job.Folder.PathOf(OutlineName);
        return new TissueResult(TissueMask.FromGeoJson(job.Slide, outline, job.Settings.Tissue), InputFingerprint.Sha256(outline), edited, job.Folder[Name]!.Details);
    }
}
