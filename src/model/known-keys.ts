import type { ConfigFields, UsedField } from "./config-fields.js";

/** Keys that say nothing about sizes: positions, sampling, training, tokens, kernels. */
const HARMLESS: readonly RegExp[] = [
  /^_/,
  /rope|rotary|_theta$|position_embedding|^max_position|^alibi|^no_bias|^max_.*len|^seq_len/,
  /token_id|token_index|_token$|tokens_per_image|dropout|drop_rate|_pdrop$|_prob(s)?$/,
  /eps(ilon)?$|initializer|init_std|_std$|_coef(f)?$|_factor$|scal(e|ing)|multiplier|softcap|temperature/,
  /^(hidden_act|hidden_activation|activation_function|mlp_hidden_act|mamba_hidden_act|ffn_act_fn)$/,
  /^(n_group|topk_group|topk_method|scoring_func|score_function|norm_topk_prob|ep_size|norm_head)$/,
  /^(num_expert_group|num_limited_groups|n_limited_groups|num_group|moe_gate_.*|group_limited.*)$/,
  /^(moe_norm_.*|moe_use_aux_.*|moe_aux.*|use_(aux|routing|grouped|expert)_.*|router_.*|moe_router_.*)$/,
  /^(num_logits_to_keep|chunk_size_feed_forward|pruned_heads|num_beam.*|no_repeat_.*|num_return_.*)$/,
  /^(encoder_no_repeat_.*|top_k|top_p|typical_p|diversity_.*|length_penalty|min_length|early_stopping)$/,
  /^(num_nextn_predict_layers|num_mtp_.*|mtp_.*|use_mtp|num_next_.*)$/,
  /^(index_topk|index_topk_freq|indexer_rope_.*|query_pre_attn_scalar|qk_head_dim|attention_dropout)$/,
  /^(chunk_size|mamba_chunk_size|time_step_.*|mamba_dt_.*|use_mamba_kernels|mamba_step.*|rescale_.*)$/,
  /^(linear_attn_.*_factor|layernorm_.*|full_attn_.*_factor|mlp_.*_factor|.*_alpha_factor|.*_beta_factor)$/,
  /^(layer_norm.*|.*norm_type|use_.*norm.*|residual_in_fp32|norm_after_embedding|postnorm|norm_.*)$/,
  /^(vision|audio|image|video|mm|visual|boi|eoi|boa|eoa|projector|multi_modal|spatial)_/,
  /^(attn|attention)_?(_?implementation|impl|backend|logit.*|temp.*|softmax.*|window_size_left)$/,
  /^(attn_temperature_.*|floor_.*|use_bidirectional_attention|is_causal|is_decoder|is_encoder_decoder)$/,
  /^(cross_attention_hidden_size|decoder_start_token_id|problem_type|classifier.*|id2label|label2id)$/,
  /^(max_window_layers|no_rope_layer_interval|nope_.*|use_.*rope.*|mla_use_nope|first_k.*|slow_but_exact)$/,
  /^(vocab_size_per_layer_input|pad_vocab.*|padding_.*|type_vocab_size|tokenizer_.*|unpadded_vocab_size)$/,
  /^(sliding_window_pattern|_sliding_window_pattern|global_attn_every.*|cache_implementation|max_seqlen)$/,
  /^(initial_context_length|apply_.*|gating_.*|moe_impl|moe_token_.*|moe_z_loss.*|moe_loss.*)$/,
  /^(attention_type|sparse_topk.*|sparse_score.*|sparse_local.*|sparse_init.*|sparse_block.*)$/,
  /^(block_(auto_adjust_ff_dim|multiple_of|ffn_dim_multiplier|mlp_.*|use_.*|out_dim)|conv_use_xavier.*)$/,
  /^(hybrid_block_size|num_codebooks|fused_.*|fuse_.*|use_flash.*|softmax_.*|parallel_attn|key_dim.*)$/,
  /^(use_(mixed_mlp_moe|moe|mfa|bias|conv_bias)|shared_moe_mode|cla_share_factor)$/,
  /^(full_attn_mod|interpolate_factor|clip_qkv|order_of_interleaved_layers|mamba_inner_layernorms)$/,
  /^(n_positions|n_ctx|seq_length|kv_cache_scheme|kv_cache_quant_algo|model_max_length|interleaved_.*)$/,
];

/** What a key looks like that may say something about layers, their sizes or their cache. */
const STRUCTURAL =
  /attn|attention|mamba|ssm|linear|recur|rnn|conv|expert|moe|mlp|ffn|layer|block|hidden|inner|intermediate|width|dim($|_)|size|rank|lora|head|kv|window|chunk|state|sparse|group|share|skip|depth|engram|ngram|hyper|compress|latent|^num_|^n_|attn_type|hybrid|pattern|channel|(^|_)cla($|_)/;

/**
 * Keys that nobody read, that may say something about sizes, and that stand for something: what a
 * model has beyond what is understood.
 */
export function unknownKeys(fields: ConfigFields): readonly UsedField[] {
  return fields
    .unread()
    .filter(({ key, value }) => STRUCTURAL.test(key) && !isNothing(value) && !isHarmless(key));
}

function isHarmless(key: string): boolean {
  return HARMLESS.some((pattern) => pattern.test(key));
}

function isNothing(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
