namespace Microtome.Torch;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Schedules, as closed forms of the step count.</summary>
        public static class lr_scheduler
        {
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda) => new(optimizer, (t, lr) => lr * lr_lambda((int)t));
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1) => new(optimizer, (t, lr) => lr * Math.Pow(gamma, t / step_size));
            public static LRScheduler MultiStepLR(Optimizer optimizer, IReadOnlyList<int> milestones, double gamma = 0.1) =>
                new(optimizer, (t, lr) => lr * Math.Pow(gamma, milestones.Count(m => m <= t)));
            public static LRScheduler ExponentialLR(Optimizer optimizer, double gamma = 0.1) => new(optimizer, (t, lr) => lr * Math.Pow(gamma, t));
            public static LRScheduler ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5) => new(optimizer, (t, lr) => t < total_iters ? lr * factor : lr);

            /// <summary>From <paramref name="start_factor"/> to <paramref name="end_factor"/> of the rate in a straight line: a warm-up.</summary>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5) =>
                new(optimizer, (t, lr) => lr * (start_factor + ((end_factor - start_factor) * Math.Min(t, total_iters) / total_iters)));
            public static LRScheduler PolynomialLR(Optimizer optimizer, int total_iters = 5, double power = 1) =>
                new(optimizer, (t, lr) => lr * Math.Pow(1 - ((double)Math.Min(t, total_iters) / total_iters), power));

            /// <summary>Half a cosine from the rate to <paramref name="eta_min"/> (arXiv 1608.03983, equation 5, without restarts).</summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0) =>
                new(optimizer, (t, lr) => eta_min + ((lr - eta_min) * (1 + Math.Cos(Math.PI * t / T_max)) / 2));

            /// <summary>Half cosines again and again (arXiv 1608.03983, equation 5), each <paramref name="T_mult"/> times as long as the one before.</summary>
            public static LRScheduler CosineAnnealingWarmRestarts(Optimizer optimizer, int T_0, int T_mult = 1, double eta_min = 0) =>
                new(optimizer, (t, lr) =>
                {
                    double length = T_0;
                    double since = t;
                    while (since >= length)
                    {
                        since -= length;
                        length *= T_mult;
                    }
                    return eta_min + ((lr - eta_min) * (1 + Math.Cos(Math.PI * since / length)) / 2);
                });

            /// <summary>Up to <paramref name="max_lr"/> and down again over <paramref name="total_steps"/> (arXiv 1708.07120), both along cosines.</summary>
            public static LRScheduler OneCycleLR(Optimizer optimizer, double max_lr, int total_steps, double pct_start = 0.3, double div_factor = 25, double final_div_factor = 1e4)
            {
                var peak = (pct_start * total_steps) - 1;
                var (first, last) = (max_lr / div_factor, max_lr / div_factor / final_div_factor);
                return new(optimizer, (t, _) => t <= peak
                    ? Cosine(first, max_lr, peak > 0 ? t / peak : 1)
                    : Cosine(max_lr, last, Math.Min(1, (t - peak) / (total_steps - 1 - peak))));

                static double Cosine(double from, double to, double share) => to + ((from - to) * (1 + Math.Cos(Math.PI * share)) / 2);
            }

            /// <summary>One schedule after another; each counts its steps from its milestone.</summary>
            public static LRScheduler SequentialLR(Optimizer optimizer, IReadOnlyList<LRScheduler> schedulers, IReadOnlyList<int> milestones)
            {
                if (schedulers.Count != milestones.Count + 1)
                    throw new ArgumentException($"{schedulers.Count} schedules need {schedulers.Count - 1} milestones, not {milestones.Count}.");
                return new(optimizer, (t, lr) =>
                {
                    var index = milestones.Count(m => m <= t);
                    return schedulers[index].RateAt(t - (index == 0 ? 0 : milestones[index - 1]), lr);
                });
            }

            public static ReduceLROnPlateau ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 1e-4, int cooldown = 0, double min_lr = 0) =>
                new(optimizer, mode, factor, patience, threshold, cooldown, min_lr);
        }
    }
}
