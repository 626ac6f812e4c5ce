using Microtome.Learning.Metrics;

namespace Microtome.Pathology;

/// <summary>
/// The experiment of til-thresholds, section 10, in one world: an old system trained on one type, people who set a threshold for each group of slides, maps that label patches of all types, and
/// networks that learn from them with one threshold for all.
/// </summary>
internal sealed class ThresholdStudy<T>(IPatchWorld<T> world, IPatchLearner<T> learner, ThresholdStudyOptions options, int seed)
{
    private const int Types = ThresholdStudyOptions.Types, Labelled = ThresholdStudyOptions.Labelled, Groups = ThresholdStudyOptions.Groups;

    // Slides of validation, test and super-patches have numbers of their own.
    private const int TestSlide = 10_000, ValidationSlide = 20_000, ManualSlide = 30_000, RaterSlide = 40_000;

    private readonly Random _random = new(seed);

    /// <summary>Runs all methods.</summary>
    public IReadOnlyList<ThresholdStudyRow> Run(CancellationToken cancellation)
    {
        var manual = Enumerable.Range(0, Labelled).Select(type => Spread(type, ManualSlide, type == 0 ? options.ManualFirst : options.ManualOther)).ToArray();
        var validation = Spread(0, ValidationSlide, options.Validation);
        var train = Slides(0, Types, options.Slides, 0, options.PerSlide);
        var test = Slides(Labelled, Types, options.TestSlides, TestSlide, options.PerSlide);
        var raters = Raters();
        int[] truth = [.. test.SelectMany(static s => s.Labels)];
        T[] testPatches = [.. test.SelectMany(static s => s.Patches)];
        var rows = new List<ThresholdStudyRow>();

        var old = learner.Train(manual[0].Patches, manual[0].Labels, seed);
        Score(old, train);
        Score(old, test);
        rows.Add(Judge("M_old, one threshold", double.NaN, old, 0));
        var jobs = new List<(string Method, double Sigma, (T[] Patches, int[] Labels) Set, double Error)> { ("manual", double.NaN, Joined(manual), 0) };
        var human = GroupThresholds(train);
        var humanTest = GroupThresholds(test);
        double[] wrong = Normal(human.Length), wrongTest = Normal(humanTest.Length);
        foreach (double sigma in options.Sigmas)
        {
            rows.Add(Teacher(sigma, [.. humanTest.Select((t, g) => t + (sigma * wrongTest[g]))]));
            var semi = train.Select(slide => Label(slide, human[slide.Group] + (sigma * wrong[slide.Group]))).ToArray();
            double error = Wrong(semi);
            jobs.Add(("semi", sigma, Joined(semi), error));
            jobs.Add(("all", sigma, Joined([.. manual, .. semi]), error));
            jobs.Add(("mix", sigma, Joined([.. manual, .. semi.Where((_, i) => train[i].Type >= Labelled)]), error));
        }

        // The people's thresholds, each given to another group: as many positives as before, but not where they belong.
        double[] shuffled = [.. human];
        _random.Shuffle(shuffled);
        var dealt = train.Select(slide => Label(slide, shuffled[slide.Group])).ToArray();
        jobs.Add(("semi, thresholds dealt at random", double.NaN, Joined(dealt), Wrong(dealt)));
        var trained = new ThresholdStudyRow[jobs.Count];
        Parallel.For(0, jobs.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, j =>
            trained[j] = Judge(jobs[j].Method, jobs[j].Sigma, learner.Train(jobs[j].Set.Patches, jobs[j].Set.Labels, seed), jobs[j].Error));
        return [.. rows, .. trained];

        double Wrong((T[] Patches, int[] Labels)[] sets) => Share(train.SelectMany(static s => s.Labels).Zip(sets.SelectMany(static s => s.Labels), static (a, b) => a != b));

        ThresholdStudyRow Judge(string method, double sigma, Func<IReadOnlyList<T>, double[]> model, double error)
        {
            double cut = BinaryScores.YoudenThreshold([.. model(validation.Patches).Select(Probability)], validation.Labels);
            double[] p = [.. model(testPatches).Select(Probability)];
            var scores = BinaryScores.Of(p, truth, cut);
            var counts = raters.Select(r => model(r.Patches).Count(z => Probability(z) >= cut)).ToArray();
            return new ThresholdStudyRow(method, sigma, scores.F1, BinaryScores.Of(p, truth, 0.5).F1, scores.Auc, error, cut, SuperPatchAgreement.Agreement(counts, [.. raters.Select(static r => r.Label)]).Spearman);
        }

        ThresholdStudyRow Teacher(double sigma, double[] thresholds)
        {
            double[] judged = [.. test.SelectMany(slide => slide.Scores.Select(z => z >= thresholds[slide.Group] ? 1.0 : 0.0))];
            double f1 = BinaryScores.Of(judged, truth, 0.5).F1;
            return new ThresholdStudyRow("teacher: M_old with people's thresholds", sigma, f1, f1, BinaryScores.AreaUnderCurve([.. test.SelectMany(static s => s.Scores)], truth), Share(judged.Zip(truth, static (a, b) => (int)a != b)), double.NaN, double.NaN);
        }
    }

    private static double Probability(double logit) => 1 / (1 + Math.Exp(-logit));

    private static double Share(IEnumerable<bool> these)
    {
        bool[] all = [.. these];
        return all.Count(static b => b) / (double)all.Length;
    }

    private static (T[] Patches, int[] Labels) Joined((T[] Patches, int[] Labels)[] sets) => ([.. sets.SelectMany(static s => s.Patches)], [.. sets.SelectMany(static s => s.Labels)]);

    private static (T[] Patches, int[] Labels) Label(Slide slide, double threshold) => (slide.Patches, [.. slide.Scores.Select(z => z >= threshold ? 1 : 0)]);

    // The cut of log-odds that maximises F1, halfway between two scores.
    private static double BestCut(double[] scores, int[] labels)
    {
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i])];
        int positives = labels.Sum(), found = 0;
        double best = -1, cut = double.NaN;
        for (int i = 0; i < order.Length; i++)
        {
            found += labels[order[i]];
            double f1 = 2.0 * found / (i + 1 + positives);
            if (found > 0 && f1 > best)
                (best, cut) = (f1, i + 1 < order.Length ? (scores[order[i]] + scores[order[i + 1]]) / 2 : scores[order[i]]);
        }

        return cut;
    }

    // Slides of a type sorted by mean score into groups; the mean of the cuts that are best for the first slides of a group is its threshold. Sets each slide's group.
    private double[] GroupThresholds(Slide[] slides)
    {
        var thresholds = new List<double>();
        foreach (var type in slides.GroupBy(static s => s.Type).OrderBy(static g => g.Key))
        {
            Slide[] sorted = [.. type.OrderBy(static s => s.JudgedScores.Average())];
            double whole = 0;
            int first = thresholds.Count;
            for (int g = 0; g < Groups; g++)
            {
                Slide[] members = [.. sorted.Where((_, i) => i * Groups / sorted.Length == g)];
                foreach (var slide in members)
                    slide.Group = first + g;
                double[] cuts = [.. members.Take(ThresholdStudyOptions.SlidesOfGroup).Select(static s => BestCut(s.JudgedScores, s.JudgedLabels)).Where(double.IsFinite)];
                // A group without any positive patch keeps the last group's threshold.
                thresholds.Add(whole = cuts.Length > 0 ? cuts.Average() : whole);
            }
        }

        return [.. thresholds];
    }

    private Slide[] Slides(int from, int to, int perType, int first, int patches)
    {
        var slides = new Slide[(to - from) * perType];
        Parallel.For(0, slides.Length, i =>
        {
            int type = from + (i / perType), number = first + (i % perType);
            var (seen, labels) = world.Draw(type, number, patches, null, 0);
            var (judged, judgedLabels) = world.Draw(type, number, options.Judged, null, 1);
            slides[i] = new Slide(type, seen, labels, judged, judgedLabels);
        });
        return slides;
    }

    // Patches of many slides of a type.
    private (T[] Patches, int[] Labels) Spread(int type, int first, int count)
    {
        int perSlide = options.PerSlide, slides = (count + perSlide - 1) / perSlide;
        var parts = new (T[] Patches, int[] Labels)[slides];
        Parallel.For(0, slides, i => parts[i] = world.Draw(type, first + i, Math.Min(perSlide, count - (i * perSlide)), null, 0));
        return Joined(parts);
    }

    // 8x8 patches with any share of positive ones; three raters see the share with some error and say low, medium or high.
    private (T[] Patches, int? Label)[] Raters()
    {
        const double error = 0.12;
        var result = new List<(T[], int?)>();
        for (int type = Labelled; type < Types; type++)
        {
            for (int i = 0; i < options.SuperPatches; i++)
            {
                var (patches, labels) = world.Draw(type, RaterSlide + i, SuperPatchAgreement.Side * SuperPatchAgreement.Side, _random.NextDouble(), 0);
                double share = labels.Average();
                int?[] scores = [.. Normal(3).Select(n => (int?)Math.Clamp(1 + (int)Math.Floor(3 * (share + (error * n))), 1, 3))];
                result.Add((patches, SuperPatchAgreement.Label(scores)));
            }
        }

        return [.. result];
    }

    private double[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()))];

    private static void Score(Func<IReadOnlyList<T>, double[]> model, Slide[] slides)
    {
        double[] scores = model([.. slides.SelectMany(static s => s.Patches)]), judged = model([.. slides.SelectMany(static s => s.Judged)]);
        int at = 0, judgedAt = 0;
        foreach (var slide in slides)
        {
            slide.Scores = scores[at..(at += slide.Patches.Length)];
            slide.JudgedScores = judged[judgedAt..(judgedAt += slide.Judged.Length)];
        }
    }

    private sealed class Slide(int type, T[] patches, int[] labels, T[] judged, int[] judgedLabels)
    {
        public int Type => type;

        public T[] Patches => patches;

        public int[] Labels => labels;

        public T[] Judged => judged;

        public int[] JudgedLabels => judgedLabels;

        public double[] Scores { get; set; } = [];

        public double[] JudgedScores { get; set; } = [];

        public int Group { get; set; }
    }
}
