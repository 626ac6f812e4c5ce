namespace Microtome.Pathology;

/// <summary>A made-up world of slides whose true labels are known.</summary>
/// <typeparam name="T">What a learner sees of a patch.</typeparam>
internal interface IPatchWorld<T>
{
    /// <summary>Draws patches of a slide; the slide's own look follows from its type and number.</summary>
    /// <param name="type">Cancer type, from 0 on.</param>
    /// <param name="slide">Number of the slide.</param>
    /// <param name="count">Patches.</param>
    /// <param name="share">Share of positive patches; null: the slide's own, 10 to 30 %.</param>
    /// <param name="part">Tells several draws of a slide apart.</param>
    (T[] Patches, int[] Labels) Draw(int type, int slide, int count, double? share, int part);
}
