namespace Microtome.Pathology;

/// <summary>How a method did on unseen slides of the types without labels by hand, in one world.</summary>
/// <param name="Method">M_old, teacher, manual, semi, all, mix or random.</param>
/// <param name="Sigma">What the person set wrong, log-odds; NaN where nobody sets anything.</param>
/// <param name="F1">At the Youden cut on the first type (the teacher: at its groups' thresholds).</param>
/// <param name="F1Half">At one half.</param>
/// <param name="Auc">Area under the ROC curve, types pooled.</param>
/// <param name="LabelError">Share of wrong labels among what was trained from.</param>
/// <param name="Cut">The Youden cut, a probability.</param>
/// <param name="Spearman">Of counts on super-patches with raters' scores.</param>
internal sealed record ThresholdStudyRow(string Method, double Sigma, double F1, double F1Half, double Auc, double LabelError, double Cut, double Spearman);
