using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Lays the tumor map and the lymphocyte map of a slide on each other: the combined map in the published coding, its picture, and the figures of tumor-til, section 3.3.</summary>
internal sealed class TumorTilStep(SlideJob job)
{
    public const string Name = "tumor-til";
    public const string PictureName = "tumor-til.png";
    public const string MapName = "tumor-til-map.png";

    public TumorTilResult Run(PatchResult tumor, PatchResult til)
    {
        CombinedMap? map = null;
        TilStatistics? statistics = null;
        if (tumor.Map is { } tumorMap && til.Map is { } tilMap)
        {
            // Both cuts are the models' own; the published viewer cuts its blurred tumor map at 0.2, which belongs to its model.
            map = CombinedMap.Merge(tumorMap, tilMap, til.Model.Threshold, tumor.Model.Threshold);
            statistics = MapAlignment.Align(tumorMap, tilMap, new AlignmentOptions { TumorThreshold = Cut(tumor), TilThreshold = Cut(til) }).Statistics;
        }

        string key = job.Key("tumor-til/1", tumor.Sha256, til.Sha256, tumor.Model.Threshold, til.Model.Threshold, tumor.Model.PositiveClass, til.Model.PositiveClass);
        job.Derive(Name, wanted: true, key, () =>
        {
            ImageFile.WritePng(job.Folder.PathOf(PictureName), MapPicture.Combined(job, map, til.Map), MapPicture.Compression);
            if (map is not null)
            {
                map.Write(job.Folder.PathOf(MapName));
                return [PictureName, MapName];
            }

            // Without a patch there is no map: no file rather than an empty one.
            File.Delete(job.Folder.PathOf(MapName));
            return [PictureName];
        });
        return new TumorTilResult(map, statistics);
    }

    // A cut of 0 would call every patch positive; the alignment wants one above 0.
    private static double Cut(PatchResult result) => Math.Clamp(result.Model.Threshold, 1e-9, 1);
}
