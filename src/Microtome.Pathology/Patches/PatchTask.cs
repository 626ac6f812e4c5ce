using Microtome.Imaging;
using Microtome.Learning.Models;
using Microtome.Learning.Supervision.CellLabels;
using Microtome.Learning.Supervision.Patches;

namespace Microtome.Pathology;

/// <summary>What a patch classifier of this program finds: the published patch sizes, and how marked cells label a patch.</summary>
/// <param name="Name"><c>til</c> or <c>tumor</c>.</param>
/// <param name="PatchPixels">Side of a patch in pixels of <paramref name="Spacing"/>.</param>
/// <param name="Spacing">Microns per pixel.</param>
/// <param name="Input">Side of the small network's input, pixels.</param>
/// <param name="Negative">Name of the negative class, as the zoo calls it.</param>
/// <param name="Positive">Name of the positive class.</param>
/// <param name="Rule">How marked cells (1 lymphocyte, 2 tumor, 3 stroma) label a patch.</param>
public sealed record PatchTask(string Name, int PatchPixels, double Spacing, int Input, string Negative, string Positive, PatchRule Rule)
{
    /// <summary>Tumor-infiltrating lymphocytes: 100 px at 0.5 um per pixel, 50 um (til-thresholds, section 2).</summary>
    public static PatchTask Til { get; } = new("til", 100, 0.5, 100, "Other", "Lymphocytes", PatchRule.Til);

    /// <summary>Tumor: 350 px at 0.25 um per pixel, 87.5 um (tumor-til, section 2). The small network sees it at 128 px, 0.68 um per pixel.</summary>
    public static PatchTask Tumor { get; } = new("tumor", 350, 0.25, 128, "Other", "Tumor", PatchRule.Tumor);

    /// <summary>Both.</summary>
    public static IReadOnlyList<PatchTask> All { get; } = [Til, Tumor];

    /// <summary>The task of a name.</summary>
    /// <exception cref="UsageException">There is none of this name.</exception>
    public static PatchTask Named(string name) => All.FirstOrDefault(task => string.Equals(task.Name, name, StringComparison.Ordinal))
        ?? throw new UsageException($"'{name}' is no task: {string.Join(" or ", All.Select(task => task.Name))}.");

    /// <summary>The description of a model for this task, in the zoo's schema.</summary>
    /// <param name="architecture">A name of <c>PatchClassifiers</c>. The published inputs: 224 px, 299 px for Inception-v4.</param>
    public PatchModelConfig Config(string architecture)
    {
        int input = architecture switch
        {
            "patchnet" => Input,
            "inception_v4" or "inception_v4nobn" => 299,
            _ => 224,
        };
        return new PatchModelConfig
        {
            Architecture = architecture,
            PatchSizePixels = PatchPixels,
            SpacingUmPx = Spacing,
            ClassNames = [Negative, Positive],
            Transform = new PatchTransform { Side = input, Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] },
        };
    }

    /// <summary>The patch as the network sees it.</summary>
    public PatchGeometry Geometry(PatchModelConfig config) => new(config.PatchSizePixels, config.SpacingUmPx, config.InputSize.Width);
}
