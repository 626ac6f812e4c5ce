namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// softmax(Q K^T / sqrt(E)) V (arXiv 1706.03762, equation 1). Query [..., L, E], key [..., S, E], value [..., S, V]; result [..., L, V].
            /// </summary>
            /// <param name="query">What is asked.</param>
            /// <param name="key">What is compared with.</param>
            /// <param name="value">What is averaged.</param>
            /// <param name="attn_mask">[..., L, S]: truth values (true may be looked at) or numbers to add to the scores.</param>
            /// <param name="p">Dropout of the weights; leave it 0 outside training.</param>
            /// <param name="is_causal">Position i looks at positions up to i only.</param>
            /// <param name="scale">Factor of the scores instead of 1 / sqrt(E).</param>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_causal = false, double? scale = null)
            {
                if (is_causal && attn_mask is not null)
                    throw new ArgumentException("Give either attn_mask or is_causal.");
                // libtorch 2 has it in one piece, with kernels that never write the scores down
                if (Operator.Exists("scaled_dot_product_attention"))
                    return Operator.Tensor("scaled_dot_product_attention", query, key, value, attn_mask, p, is_causal, scale);
                using var scope = NewDisposeScope();
                var scores = (query * (scale ?? 1 / Math.Sqrt(query.size(-1)))).matmul(key.transpose(-2, -1));
                var allowed = is_causal ? ones([query.size(-2), key.size(-2)], @bool, query.device).tril() : attn_mask;
                if (allowed is { dtype: ScalarType.Bool })
                    scores = scores.masked_fill(allowed.logical_not(), double.NegativeInfinity);
                else if (allowed is not null)
                    scores = scores + allowed;
                var weights = scores.softmax(-1);
                if (p > 0)
                    weights = dropout(weights, p);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }

            /// <summary>x - tanh(x).</summary>
            public static Tensor tanhshrink(Tensor input)
            {
                using var tanh = input.tanh();
                return input - tanh;
            }

            public static Tensor adaptive_max_pool1d(Tensor input, long output_size)
            {
                var (output, indices) = Operator.Two("adaptive_max_pool1d", input, new[] { output_size });
                indices.Dispose();
                return output;
            }

            public static Tensor adaptive_max_pool3d(Tensor input, long[] output_size)
            {
                var (output, indices) = Operator.Two("adaptive_max_pool3d", input, output_size);
                indices.Dispose();
                return output;
            }
        }
    }
}
