using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Writes the nuclei in further formats, on request. What was once asked for is kept up to date.</summary>
internal sealed class ExportStep(SlideJob job, NucleusModel model)
{
    public const string GeoJson = "geojson";
    public const string GeoJsonName = "nuclei.geojson.gz";
    public const string Quip = "quip";
    public const string QuipName = "quip";

    public void Run(NucleiResult nuclei)
    {
        Export(GeoJson, job.Settings.GeoJson, nuclei, () =>
        {
            NucleusGeoJson.Write(job.Folder.PathOf(GeoJsonName), NucleusGeoPackageReader.Read(nuclei.GeoPackage), job.Slide.Name, job.Cancellation);
            return [GeoJsonName];
        });
        Export(Quip, job.Settings.Quip, nuclei, () =>
        {
            var level0 = job.Slide.Levels[0];
            string folder = job.Folder.PathOf(QuipName);
            var about = new QuipSlide
            {
                Width = level0.Width,
                Height = level0.Height,
                Mpp = job.PixelSize.Mean,
                CaseId = job.Slide.Name,
                Version = ProgramVersion.Short,
                ModelPath = model.Name,
                ModelHash = model.Sha256,
            };
            NucleusExport.Quip(folder, nuclei.GeoPackage, job.PixelSize, model.Mpp, about, model.Postprocessing);
            return Directory.EnumerateFiles(folder).Select(f => QuipName + "/" + Path.GetFileName(f)).Order(StringComparer.Ordinal);
        });
    }

    private void Export(string step, bool asked, NucleiResult nuclei, Func<IEnumerable<string>> write) => job.Derive(step, asked, job.Key(step + "/1", nuclei.Sha256), write);
}
