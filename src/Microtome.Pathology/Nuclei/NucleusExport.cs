using Microtome.Imaging;

namespace Microtome.Pathology;

/// <summary>Writes a finished slide's nuclei, read back from its GeoPackage, in the layout of the published data set.</summary>
public static class NucleusExport
{
    /// <summary>Writes the folder that <see cref="QuipFiles"/> describes.</summary>
    /// <param name="folder">The folder of the slide.</param>
    /// <param name="geoPackage">The nuclei.</param>
    /// <param name="pixelSize">Size of a level-0 pixel.</param>
    /// <param name="modelMpp">Microns per pixel of the network: areas are counted in its pixels.</param>
    /// <param name="slide">What the files say of the slide.</param>
    /// <param name="postprocessing">For the record.</param>
    /// <returns>Number of nuclei.</returns>
    public static long Quip(string folder, string geoPackage, PixelSize pixelSize, double modelMpp, QuipSlide slide, NucleusPostprocessingOptions postprocessing)
    {
        var grid = AnalysisGrid.For(pixelSize, modelMpp);
        var (mppX, mppY) = grid.MicronsPerPixel(pixelSize);

        // Grid pixels are not in the file: they follow from the area and the centre, see Nucleus.Anchor.
        return QuipFiles.Write(
            folder,
            NucleusGeoPackageReader.Read(geoPackage).Select(n => n with
            {
                AreaPixels = (int)Math.Round(n.AreaUm2 / (mppX * mppY)),
                Anchor = ((long)Math.Ceiling((n.Centroid.X / grid.ScaleX) - 1), (long)Math.Ceiling((n.Centroid.Y / grid.ScaleY) - 1)),
            }),
            slide,
            postprocessing);
    }
}
