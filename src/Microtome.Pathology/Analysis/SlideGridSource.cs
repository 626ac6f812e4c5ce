using Microtome.Imaging;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>A slide on an analysis grid as the walk's source.</summary>
public sealed class SlideGridSource : ITileSource
{
    private readonly ISlide slide;
    private readonly AnalysisGrid grid;

    /// <summary>Makes the source; the slide stays the caller's.</summary>
    public SlideGridSource(ISlide slide, AnalysisGrid grid)
    {
        this.slide = slide;
        this.grid = grid;
        (Width, Height) = grid.SizeOf(slide.Levels[0]);
    }

    /// <inheritdoc/>
    public long Width { get; }

    /// <inheritdoc/>
    public long Height { get; }

    /// <inheritdoc/>
    public void Read(GridRect window, RgbImage destination) => slide.ReadGrid(grid, window, destination);
}
