using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>The patches that are trained from.</summary>
/// <param name="Kind">Which labels.</param>
/// <param name="Patches">The patches.</param>
/// <param name="Manual">How many are labelled by pathologists.</param>
/// <param name="LeftOut">Patches that were left out because their slide or patient is tested.</param>
/// <param name="LeftOutSlides">Slides of those.</param>
public sealed record TrainingSet(TrainingSetKind Kind, IReadOnlyList<SuperPatch> Patches, int Manual, int LeftOut, int LeftOutSlides)
{
    /// <summary>One line for logs and the model card.</summary>
    public string Description
    {
        get
        {
            var positive = Patches.Count(static p => p.Label == 1);
            var leftOut = LeftOut == 0 ? "none left out as tested" : FormattableString.Invariant($"{LeftOut} patches of {LeftOutSlides} slides left out: their slide or patient is tested");
            return FormattableString.Invariant($"{Patches.Count} patches ({positive} positive; {Manual} labelled by hand, {Patches.Count - Manual} by teacher maps) of {Slides} slides, {Groups} groups; {leftOut}");
        }
    }

    private int Slides => Patches.Select(static p => p.Slide).Distinct(StringComparer.Ordinal).Count();

    private int Groups => Patches.Select(static p => p.Group).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Puts a set together. What is not of the kind is not looked at.</summary>
    /// <param name="kind">Which labels.</param>
    /// <param name="manual">Patches labelled by pathologists.</param>
    /// <param name="semi">Patches labelled by teacher maps.</param>
    /// <param name="filter">What is tested.</param>
    /// <exception cref="SlideException">Nothing is left to train from.</exception>
    public static TrainingSet Of(TrainingSetKind kind, IReadOnlyList<SuperPatch> manual, IReadOnlyList<SuperPatch> semi, LeakageFilter filter)
    {
        if (kind == TrainingSetKind.Mix && manual.FirstOrDefault(static p => p.Group.Length == 0) is { } nameless)
            throw new SlideException($"{nameless.Name}: mix takes the pathologists' labels group by group, and this patch has no group.");
        // A group whose labels by hand are all tested has none left: its teacher maps serve.
        var labelled = manual.Where(p => !filter.Blocks(p)).Select(static p => p.Group).ToHashSet(StringComparer.Ordinal);
        SuperPatch[] byHand = [.. manual.Where(_ => kind != TrainingSetKind.Semi)];
        SuperPatch[] byTeacher = [.. semi.Where(p => kind switch
        {
            TrainingSetKind.Manual => false,
            TrainingSetKind.Mix => !labelled.Contains(p.Group),
            _ => true,
        })];
        SuperPatch[] blocked = [.. byHand.Concat(byTeacher).Where(filter.Blocks)];
        SuperPatch[] kept = [.. byHand.Concat(byTeacher).Where(p => !filter.Blocks(p))];
        if (kept.Length == 0)
        {
            throw new SlideException(blocked.Length > 0
                ? $"All {blocked.Length} patches belong to slides or patients that are tested: nothing is left to train from."
                : $"There is no patch to train from with --labels {kind.ToString().ToLowerInvariant()}.");
        }

        return new TrainingSet(kind, kept, byHand.Count(p => !filter.Blocks(p)), blocked.Length, blocked.Select(static p => p.Slide).Distinct(StringComparer.Ordinal).Count());
    }
}
