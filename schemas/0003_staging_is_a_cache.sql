-- What is staged is a cache of the log that belongs to one run: it need not outlive a
-- power cut, and it is read about twice, so merging it costs more than it saves.
ALTER TABLE staged_users{{.OnCluster}} MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0, min_parts_to_merge_at_once = 64;
ALTER TABLE staged_tags{{.OnCluster}} MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0, min_parts_to_merge_at_once = 64;
ALTER TABLE staged_orders{{.OnCluster}} MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0, min_parts_to_merge_at_once = 64;
