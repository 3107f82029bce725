/**
 * Whether a server of this major knows a setting: the server refuses to start on a file that names one that it does not know
 * (utils/misc/guc.c, "unrecognized configuration parameter").
 *
 * - `known`;
 * - `custom`: it has a dot, so that it belongs to an extension and any server takes it;
 * - `gone`: other majors from 13 to 18 know it, up to `until`;
 * - `later`: it came with major `since`;
 * - `unknown`: no PostgreSQL from 13 to 18 knows it. A vendor's fork may.
 */
export function settingKnownTo(name: string, major: number): SettingKnown {
  const lower = name.toLowerCase();
  if (lower.includes('.')) return { kind: 'custom' };
  if (always.has(lower)) return { kind: 'known' };
  const range = changing.get(lower);
  if (range === undefined) return { kind: 'unknown', nearest: nearestNames(lower) };
  if (major > range.until) return { kind: 'gone', until: range.until };
  return major < range.since ? { kind: 'later', since: range.since } : { kind: 'known' };
}

export type SettingKnown =
  | { readonly kind: 'known' | 'custom' }
  | { readonly kind: 'gone'; readonly until: number }
  | { readonly kind: 'later'; readonly since: number }
  | {
      readonly kind: 'unknown';
      /** Names at most two letters away, the nearest first. */
      readonly nearest: readonly string[];
    };

function nearestNames(name: string): readonly string[] {
  if (name.length > 64) return [];
  return [...always, ...changing.keys()]
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * What pg_settings lists on every major from 13 to 18, what it hides (GUC_NO_SHOW_ALL), what Debian's packages add, old
 * names that the server still takes, and what came with a minor release (composite_type_mismatch: 17.12).
 */
const always: ReadonlySet<string> = new Set(
  `
  composite_type_mismatch allow_in_place_tablespaces allow_system_table_mods application_name archive_cleanup_command archive_command
  archive_mode archive_timeout array_nulls authentication_timeout autovacuum autovacuum_analyze_scale_factor
  autovacuum_analyze_threshold autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age
  autovacuum_naptime autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_vacuum_insert_scale_factor
  autovacuum_vacuum_insert_threshold autovacuum_vacuum_scale_factor autovacuum_vacuum_threshold autovacuum_work_mem
  backend_flush_after backslash_quote backtrace_functions bgwriter_delay bgwriter_flush_after bgwriter_lru_maxpages
  bgwriter_lru_multiplier block_size bonjour bonjour_name bytea_output check_function_bodies
  checkpoint_completion_target checkpoint_flush_after checkpoint_timeout checkpoint_warning client_encoding
  client_min_messages cluster_name commit_delay commit_siblings config_file constraint_exclusion cpu_index_tuple_cost
  cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction data_checksums data_directory data_directory_mode
  data_sync_retry datestyle deadlock_timeout debug_assertions debug_pretty_print debug_print_parse debug_print_plan
  debug_print_rewritten default_statistics_target default_table_access_method default_tablespace
  default_text_search_config default_transaction_deferrable default_transaction_isolation
  default_transaction_read_only default_with_oids dynamic_library_path dynamic_shared_memory_type effective_cache_size
  effective_io_concurrency enable_bitmapscan enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort
  enable_indexonlyscan enable_indexscan enable_material enable_mergejoin enable_nestloop enable_parallel_append
  enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join
  enable_seqscan enable_sort enable_tidscan escape_string_warning event_source exit_on_error extension_destdir
  external_pid_file extra_float_digits from_collapse_limit fsync full_page_writes geqo geqo_effort geqo_generations
  geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold gin_fuzzy_search_limit gin_pending_list_limit
  hash_mem_multiplier hba_file hot_standby hot_standby_feedback huge_pages ident_file
  idle_in_transaction_session_timeout ignore_checksum_failure ignore_invalid_pages ignore_system_indexes
  integer_datetimes intervalstyle jit jit_above_cost jit_debugging_support jit_dump_bitcode jit_expressions
  jit_inline_above_cost jit_optimize_above_cost jit_profiling_support jit_provider jit_tuple_deforming
  join_collapse_limit krb_caseins_users krb_server_keyfile lc_messages lc_monetary lc_numeric lc_time listen_addresses
  lo_compat_privileges local_preload_libraries lock_timeout log_autovacuum_min_duration log_checkpoints
  log_connections log_destination log_directory log_disconnections log_duration log_error_verbosity log_executor_stats
  log_file_mode log_filename log_hostname log_line_prefix log_lock_waits log_min_duration_sample
  log_min_duration_statement log_min_error_statement log_min_messages log_parameter_max_length
  log_parameter_max_length_on_error log_parser_stats log_planner_stats log_replication_commands log_rotation_age
  log_rotation_size log_statement log_statement_sample_rate log_statement_stats log_temp_files log_timezone
  log_transaction_sample_rate log_truncate_on_rotation logging_collector logical_decoding_work_mem
  maintenance_io_concurrency maintenance_work_mem max_connections max_files_per_process max_function_args
  max_identifier_length max_index_keys max_locks_per_transaction max_logical_replication_workers
  max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather max_pred_locks_per_page
  max_pred_locks_per_relation max_pred_locks_per_transaction max_prepared_transactions max_replication_slots
  max_slot_wal_keep_size max_stack_depth max_standby_archive_delay max_standby_streaming_delay
  max_sync_workers_per_subscription max_wal_senders max_wal_size max_worker_processes min_parallel_index_scan_size
  min_parallel_table_scan_size min_wal_size parallel_leader_participation parallel_setup_cost parallel_tuple_cost
  password_encryption plan_cache_mode port post_auth_delay pre_auth_delay primary_conninfo primary_slot_name
  quote_all_identifiers random_page_cost recovery_end_command recovery_min_apply_delay recovery_target
  recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time
  recovery_target_timeline recovery_target_xid restart_after_crash restore_command restrict_nonsystem_relation_kind
  role row_security search_path seed segment_size seq_page_cost server_encoding server_version server_version_num
  session_preload_libraries session_replication_role shared_buffers shared_memory_type shared_preload_libraries
  sort_mem ssl ssl_ca_file ssl_cert_file ssl_ciphers ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file
  ssl_library ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command
  ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers standard_conforming_strings statement_timeout
  superuser_reserved_connections synchronize_seqscans synchronous_commit synchronous_standby_names syslog_facility
  syslog_ident syslog_sequence_numbers syslog_split_messages tcp_keepalives_count tcp_keepalives_idle
  tcp_keepalives_interval tcp_user_timeout temp_buffers temp_file_limit temp_tablespaces timezone
  timezone_abbreviations trace_notify trace_sort track_activities track_activity_query_size track_commit_timestamp
  track_counts track_functions track_io_timing transaction_deferrable transaction_isolation transaction_read_only
  transform_null_equals unix_socket_directories unix_socket_group unix_socket_permissions update_process_title
  vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss
  vacuum_freeze_min_age vacuum_freeze_table_age vacuum_mem vacuum_multixact_freeze_min_age
  vacuum_multixact_freeze_table_age wal_block_size wal_buffers wal_compression wal_consistency_checking wal_init_zero
  wal_keep_size wal_level wal_log_hints wal_receiver_create_temp_slot wal_receiver_status_interval
  wal_receiver_timeout wal_recycle wal_retrieve_retry_interval wal_segment_size wal_sender_timeout wal_skip_threshold
  wal_sync_method wal_writer_delay wal_writer_flush_after work_mem xmlbinary xmloption zero_damaged_pages
`
    .trim()
    .split(/\s+/u),
);

/** Name, first and last major of 13 to 18 that has it. Settings that a bug-fix release brought count from the major on. */
const changing: ReadonlyMap<string, { readonly since: number; readonly until: number }> = new Map(
  (
    [
      ['allow_alter_system', 17, 18],
      ['archive_library', 15, 18],
      ['autovacuum_vacuum_max_threshold', 18, 18],
      ['autovacuum_worker_slots', 18, 18],
      ['client_connection_check_interval', 14, 18],
      ['commit_timestamp_buffers', 17, 18],
      ['compute_query_id', 14, 18],
      ['createrole_self_grant', 16, 18],
      ['db_user_namespace', 13, 16],
      ['debug_discard_caches', 14, 18],
      ['debug_io_direct', 16, 18],
      ['debug_logical_replication_streaming', 16, 18],
      ['debug_parallel_query', 16, 18],
      ['default_toast_compression', 14, 18],
      ['enable_async_append', 14, 18],
      ['enable_distinct_reordering', 18, 18],
      ['enable_group_by_reordering', 17, 18],
      ['enable_memoize', 14, 18],
      ['enable_presorted_aggregate', 16, 18],
      ['enable_self_join_elimination', 18, 18],
      ['event_triggers', 17, 18],
      ['extension_control_path', 18, 18],
      ['file_copy_method', 18, 18],
      ['file_extend_method', 16, 18],
      ['force_parallel_mode', 13, 15],
      ['gss_accept_delegation', 16, 18],
      ['huge_page_size', 14, 18],
      ['huge_pages_status', 17, 18],
      ['icu_validation_level', 16, 18],
      ['idle_replication_slot_timeout', 18, 18],
      ['idle_session_timeout', 14, 18],
      ['in_hot_standby', 14, 18],
      ['io_combine_limit', 17, 18],
      ['io_max_combine_limit', 18, 18],
      ['io_max_concurrency', 18, 18],
      ['io_method', 18, 18],
      ['io_workers', 18, 18],
      ['lc_collate', 13, 15],
      ['lc_ctype', 13, 15],
      ['log_lock_failures', 18, 18],
      ['log_recovery_conflict_waits', 14, 18],
      ['log_startup_progress_interval', 15, 18],
      ['max_active_replication_origins', 18, 18],
      ['max_notify_queue_pages', 17, 18],
      ['max_parallel_apply_workers_per_subscription', 16, 18],
      ['md5_password_warnings', 18, 18],
      ['min_dynamic_shared_memory', 14, 18],
      ['multixact_member_buffers', 17, 18],
      ['multixact_offset_buffers', 17, 18],
      ['notify_buffers', 17, 18],
      ['num_os_semaphores', 18, 18],
      ['oauth_validator_libraries', 18, 18],
      ['old_snapshot_threshold', 13, 16],
      ['operator_precedence_warning', 13, 13],
      ['output_plugin_libraries', 14, 18],
      ['promote_trigger_file', 13, 15],
      ['recovery_init_sync_method', 14, 18],
      ['recovery_prefetch', 15, 18],
      ['recursive_worktable_factor', 15, 18],
      ['remove_temp_files_after_crash', 14, 18],
      ['reserved_connections', 16, 18],
      ['scram_iterations', 16, 18],
      ['send_abort_for_crash', 16, 18],
      ['send_abort_for_kill', 16, 18],
      ['serializable_buffers', 17, 18],
      ['shared_memory_size', 15, 18],
      ['shared_memory_size_in_huge_pages', 15, 18],
      ['ssl_crl_dir', 14, 18],
      ['ssl_groups', 18, 18],
      ['ssl_tls13_ciphers', 18, 18],
      ['stats_fetch_consistency', 15, 18],
      ['stats_temp_directory', 13, 14],
      ['subtransaction_buffers', 17, 18],
      ['summarize_wal', 17, 18],
      ['sync_replication_slots', 17, 18],
      ['synchronized_standby_slots', 17, 18],
      ['trace_connection_negotiation', 17, 18],
      ['trace_recovery_messages', 13, 16],
      ['track_cost_delay_timing', 18, 18],
      ['track_wal_io_timing', 14, 18],
      ['transaction_buffers', 17, 18],
      ['transaction_timeout', 17, 18],
      ['vacuum_buffer_usage_limit', 16, 18],
      ['vacuum_cleanup_index_scale_factor', 13, 13],
      ['vacuum_defer_cleanup_age', 13, 15],
      ['vacuum_failsafe_age', 14, 18],
      ['vacuum_max_eager_freeze_failure_rate', 18, 18],
      ['vacuum_multixact_failsafe_age', 14, 18],
      ['vacuum_truncate', 18, 18],
      ['wal_decode_buffer_size', 15, 18],
      ['wal_summary_keep_time', 17, 18],
    ] as const
  ).map(([name, since, until]) => [name, { since, until }]),
);
