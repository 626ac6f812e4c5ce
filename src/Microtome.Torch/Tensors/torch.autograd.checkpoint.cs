namespace Microtome.Torch;

public static partial class torch
{
    public static unsafe partial class autograd
    {
        /// <summary>
        /// Runs a function without keeping what lies inside it, and runs it again when its gradient is needed: memory for time
        /// (arXiv 1604.06174). At least one input must require a gradient. Random numbers are the same both times (CPU).
        /// </summary>
        public static Tensor checkpoint(Func<Tensor[], Tensor> function, params Tensor[] inputs) => new Recomputed(function).apply(inputs)[0];

        private sealed class Recomputed(Func<Tensor[], Tensor> function) : Function
        {
            private bool[] wanted = [];

            protected override Tensor[] forward(Tensor[] inputs)
            {
                wanted = Array.ConvertAll(inputs, t => t.requires_grad);
                using var state = get_rng_state();
                save_for_backward([state, .. inputs]);
                var output = function(inputs);
                return [Array.Exists(inputs, t => ReferenceEquals(t, output)) ? output.clone() : output];
            }

            protected override Tensor?[] backward(Tensor?[] grad_outputs)
            {
                if (grad_outputs[0] is not { } gradient)
                    return new Tensor?[wanted.Length];
                using var now = get_rng_state();
                set_rng_state(saved_tensors[0]);
                try
                {
                    using var on = enable_grad();
                    var inputs = saved_tensors.Skip(1).Select((t, i) => wanted[i] ? t.detach().requires_grad_() : t.detach()).ToArray();
                    autograd.backward([function(inputs)], [gradient]);
                    return Array.ConvertAll(inputs, t => t.grad);
                }
                finally
                {
                    set_rng_state(now);
                }
            }
        }
    }
}
