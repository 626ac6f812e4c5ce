using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>Keeps the nuclei whose anchor lies in tissue, so that the count does not depend on how far a tile reaches over glass.</summary>
internal sealed class TissueNucleusMap(ITileMap<Nucleus[]> inner, TissueRegion tissue) : ITileMap<Nucleus[]>
{
    public Nucleus[] Map(WalkTile tile, RgbImage image, ByteMaps maps)
    {
        var found = inner.Map(tile, image, maps);
        return Array.TrueForAll(found, Keep) ? found : Array.FindAll(found, Keep);
    }

    private bool Keep(Nucleus nucleus) => tissue.Contains(nucleus.Anchor.X, nucleus.Anchor.Y);
}
